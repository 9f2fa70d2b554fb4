#include "git/pack/reference_set.h"

#include <cstring>

namespace ashlar::git {
namespace {

constexpr std::size_t kSlotCountMin = 256;
constexpr std::size_t kProbeCountMax = 1024;
// Fits the second cache of a processor, and holds the entries of a few folders.
constexpr std::size_t kRecentCount = 8192;

std::uint64_t hash_of(const ObjectId& id) {
    std::uint64_t words[2];
    std::uint32_t last;
    std::memcpy(words, id.bytes.data(), sizeof(words));
    std::memcpy(&last, id.bytes.data() + sizeof(words), sizeof(last));
    std::uint64_t mixed = (words[0] ^ (words[1] * 0x9e3779b97f4a7c15U)) + last;
    mixed ^= mixed >> 32;
    mixed *= 0xd6e8feb86659fd93U;
    return mixed ^ (mixed >> 29);
}

}  // namespace

Expected<void> ReferenceSet::add(const ObjectId& id, TypeMask types) {
    std::uint64_t hash = hash_of(id);
    if (recent_.empty()) recent_.resize(kRecentCount);
    Slot& recent = recent_[(hash >> 32) % kRecentCount];
    if ((recent.types & types) == types && recent.id == id) return {};
    recent = {id, types};
    if ((size_ + 1) * 3 > slots_.size() * 2) grow();
    if (!insert(hash, id, types)) {
        return fail(ErrorCode::invalid, "the pack's objects name ids that are made to collide");
    }
    if (size_ > count_max_) {
        return fail(ErrorCode::limit_exceeded,
                    "the pack's objects name more than " + std::to_string(count_max_) + " others");
    }
    return {};
}

Expected<void> ReferenceSet::merge(const ReferenceSet& other) {
    for (const Slot& slot : other.slots_) {
        if (slot.types != 0) ASHLAR_CHECK(add(slot.id, slot.types));
    }
    return {};
}

void ReferenceSet::visit(const Visitor& visitor) const {
    for (const Slot& slot : slots_) {
        if (slot.types != 0) visitor(slot.id, slot.types);
    }
}

bool ReferenceSet::insert(std::uint64_t hash, const ObjectId& id, TypeMask types) {
    std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash) & mask;
    for (std::size_t probe = 0; probe < kProbeCountMax; ++probe, at = (at + 1) & mask) {
        Slot& slot = slots_[at];
        if (slot.types == 0) {
            slot = {id, types};
            ++size_;
            return true;
        }
        if (slot.id == id) {
            slot.types |= types;
            return true;
        }
    }
    return false;
}

void ReferenceSet::grow() {
    std::vector<Slot> before = std::move(slots_);
    slots_ = std::vector<Slot>(before.empty() ? kSlotCountMin : before.size() * 2);
    size_ = 0;
    for (const Slot& slot : before) {
        // Half as full as before: what was found within the limit is found again, or so many ids
        // collide that the next insertion of one fails.
        if (slot.types != 0) insert(hash_of(slot.id), slot.id, slot.types);
    }
}

}  // namespace ashlar::git
