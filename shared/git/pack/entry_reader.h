// Reads one entry of a pack and inflates it.
#pragma once

#include "base/random_access.h"
#include "git/pack/inflate.h"
#include "git/pack/pack_entry.h"

namespace ashlar::git {

class EntryReader {
  public:
    // Inflates the entry of `length` bytes at `offset` into `content`; its header says how many
    // bytes that gives. Fails with `limit_exceeded`, before anything is allocated, where that is
    // more than `size_max`, and with `corrupt` where the entry is broken.
    Expected<PackEntryHeader> read(const RandomAccess& pack, std::uint64_t offset,
                                   std::uint64_t length, std::uint64_t size_max, Bytes& content);

  private:
    Expected<void> inflate_in_pieces(const RandomAccess& pack, std::uint64_t offset,
                                     std::uint64_t length, Bytes& content);

    WholeInflater inflater_;
    Bytes stored_;  // the entry as it is stored, where the pack is not mapped
};

}  // namespace ashlar::git
