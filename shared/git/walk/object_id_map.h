// Sets and maps of millions of object ids: open addressing, no allocation per element. An id is a
// hash already, so its first bytes say where it goes; whoever crafts ids that collide makes probes
// longer, so the place also depends on later bytes. There is no iteration: the order of elements
// must not reach anything.
#pragma once

#include <cstdint>
#include <vector>

#include "git/object/object_id.h"

namespace ashlar::git {

template <typename Value>
class ObjectIdMap {
  public:
    // The value of the id, made by default where there was none; and whether it was made. Valid
    // until the next insertion.
    struct Inserted {
        Value* value;
        bool added;
    };
    Inserted insert(const ObjectId& id) {
        if ((size_ + 1) * 4 > slots_.size() * 3) grow();
        Slot& slot = slot_of(id);
        bool added = !slot.used;
        if (added) {
            slot.used = true;
            slot.id = id;
            slot.value = Value{};
            ++size_;
        }
        return {&slot.value, added};
    }
    const Value* find(const ObjectId& id) const {
        if (slots_.empty()) return nullptr;
        const Slot& slot = const_cast<ObjectIdMap*>(this)->slot_of(id);
        return slot.used ? &slot.value : nullptr;
    }
    Value* find(const ObjectId& id) {
        return const_cast<Value*>(static_cast<const ObjectIdMap*>(this)->find(id));
    }
    bool contains(const ObjectId& id) const { return find(id) != nullptr; }
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }

  private:
    struct Slot {
        ObjectId id;
        bool used = false;
        Value value{};
    };

    static std::uint64_t place_of(const ObjectId& id) {
        return read_big_endian_64(ByteView(id.bytes).subspan(0, 8)) ^
               (read_big_endian_64(ByteView(id.bytes).subspan(8, 8)) * 0x9e3779b97f4a7c15U);
    }
    Slot& slot_of(const ObjectId& id) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t place = static_cast<std::size_t>(place_of(id)) & mask;
        while (slots_[place].used && slots_[place].id != id) place = (place + 1) & mask;
        return slots_[place];
    }
    void grow() {
        std::vector<Slot> old = std::move(slots_);
        slots_ = std::vector<Slot>(old.empty() ? 16 : old.size() * 2);
        for (Slot& slot : old) {
            if (slot.used) slot_of(slot.id) = std::move(slot);
        }
    }

    std::vector<Slot> slots_;  // a power of two, at most three quarters used
    std::size_t size_ = 0;
};

class ObjectIdSet {
  public:
    // Whether it was not there before.
    bool insert(const ObjectId& id) { return ids_.insert(id).added; }
    bool contains(const ObjectId& id) const { return ids_.contains(id); }
    std::size_t size() const { return ids_.size(); }
    bool empty() const { return ids_.empty(); }

  private:
    struct Nothing {};
    ObjectIdMap<Nothing> ids_;
};

}  // namespace ashlar::git
