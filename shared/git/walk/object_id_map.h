// Sets and maps of millions of object ids: open addressing, no allocation per element. Clients name
// ids as they like (of nothing that exists), so where one goes depends on all of its bytes, mixed
// with an address that they do not know: whoever makes them alike makes no probe longer. There is
// no iteration: the order of elements must not reach anything.
#pragma once

#include <algorithm>
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
    // How many places are looked at to find what is hardest to find.
    std::size_t longest_probe() const {
        const std::size_t mask = slots_.size() - 1;
        std::size_t longest = 0;
        for (std::size_t at = 0; at < slots_.size(); ++at) {
            if (!slots_[at].used) continue;
            const auto place = static_cast<std::size_t>(place_of(slots_[at].id)) & mask;
            longest = std::max(longest, ((at - place) & mask) + 1);
        }
        return longest;
    }

  private:
    struct Slot {
        ObjectId id;
        bool used = false;
        Value value{};
    };

    static std::uint64_t mixed(std::uint64_t number) {
        number = (number ^ (number >> 32)) * 0x9e3779b97f4a7c15U;
        return number ^ (number >> 29);
    }
    std::uint64_t place_of(const ObjectId& id) const {
        const ByteView bytes(id.bytes);
        std::uint64_t place = mixed(salt_ ^ read_big_endian_64(bytes.subspan(0, 8)));
        place = mixed(place ^ read_big_endian_64(bytes.subspan(8, 8)));
        // The last 4 bytes, and 4 of those before.
        return mixed(place ^ read_big_endian_64(bytes.subspan(12, 8)));
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
        salt_ = mixed(reinterpret_cast<std::uintptr_t>(slots_.data()));
        for (Slot& slot : old) {
            if (slot.used) slot_of(slot.id) = std::move(slot);
        }
    }

    std::vector<Slot> slots_;  // a power of two, at most three quarters used
    std::size_t size_ = 0;
    std::uint64_t salt_ = 0;
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
