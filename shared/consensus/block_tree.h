// The blocks above the last final one that the engine has heard of, by digest.
#pragma once

#include <map>
#include <vector>

#include "consensus/block_format.h"

namespace ashlar::consensus {

enum class BlockState { unchecked, asked, good, bad };

struct BlockEntry {
    Bytes bytes;
    BlockSummary summary;
    BlockState state = BlockState::unchecked;
    View view;  // the latest view that named it
};

class BlockTree {
  public:
    BlockEntry* find(const BlockDigest& digest);
    const BlockEntry* find(const BlockDigest& digest) const;
    // The entry of the block; where it is known, its view moves up.
    BlockEntry& add(Bytes bytes, const BlockSummary& summary, View view);
    void erase(const BlockDigest& digest) { entries_.erase(digest); }
    void clear() { entries_.clear(); }
    // Forgets what can be final no more, once a block of this height and view is.
    void prune(Height height, View view);
    std::size_t size() const { return entries_.size(); }

    // The blocks from `from` (with it) down to the root (without it), newest first; `missing`
    // names the first that is not here. A chain that passes the root's height does not descend
    // from it.
    struct Path {
        std::vector<BlockDigest> digests;
        std::optional<BlockDigest> missing;
        bool reaches_root = false;
    };
    Path path(const BlockDigest& from, const BlockDigest& root, Height root_height) const;

  private:
    std::map<BlockDigest, BlockEntry> entries_;
};

}  // namespace ashlar::consensus
