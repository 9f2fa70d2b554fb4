// The entries of a received pack, and which delta builds on which: families, each grown from one
// object that is whole. Read by any number of threads while deltas are resolved.
#pragma once

#include <span>
#include <vector>

#include "git/pack/pack_index.h"

namespace ashlar::git {

struct ReceivedEntry {
    ObjectId id;               // known once resolved
    std::uint64_t offset = 0;  // in the pack
    std::uint64_t size = 0;    // of the object (for a delta: of its result)
    std::uint32_t crc32 = 0;
    std::uint32_t base = kNoBase;  // number of the base's entry; of a reference_delta once resolved
    EntryKind kind = EntryKind::blob;
    ObjectType type = ObjectType::blob;  // of a delta once resolved
    bool resolved = false;
};

struct ReferenceDelta {
    ObjectId base;
    std::uint32_t entry = 0;
};

class DeltaForest {
  public:
    // The entries are in the order of their offsets; `pack_end` is where the last one ends. Both
    // are borrowed, and may grow by whole entries (the bases that a thin pack lacked).
    DeltaForest(const std::vector<ReceivedEntry>& entries,
                std::vector<ReferenceDelta> reference_deltas, const std::uint64_t& pack_end);

    const ReceivedEntry& entry(std::uint32_t number) const { return entries_[number]; }
    // Bytes of the entry as stored.
    std::uint64_t length(std::uint32_t number) const;

    // Entries whose base this one is, by their distance; the one with most below it comes last.
    std::span<const std::uint32_t> offset_children(std::uint32_t number) const;
    // Entries that name the object as their base.
    std::span<const ReferenceDelta> reference_children(const ObjectId& id) const;
    std::span<const ReferenceDelta> reference_deltas() const { return reference_deltas_; }
    bool has_children(std::uint32_t number, const ObjectId& id) const;
    // How many deltas build on the entry by their distances, over any number of steps.
    std::uint32_t weight(std::uint32_t number) const;

  private:
    const std::vector<ReceivedEntry>& entries_;
    std::vector<ReferenceDelta> reference_deltas_;  // by base, then entry
    const std::uint64_t& pack_end_;
    std::vector<std::uint32_t> first_child_;  // positions in children_, one more than entries
    std::vector<std::uint32_t> children_;
    std::vector<std::uint32_t> weights_;
};

}  // namespace ashlar::git
