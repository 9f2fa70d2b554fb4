// What the engine needs to know of a block. Its content belongs to the layers above.
#pragma once

#include <optional>

#include "consensus/vote.h"

namespace ashlar::consensus {

struct BlockSummary {
    BlockDigest digest;
    BlockDigest parent;
    Epoch epoch;
    Height height;
    // The digest (ValidatorSet::digest) of the set that decides the next block. A block that names
    // another set than its epoch's ends the epoch; nothing stands for the epoch's own.
    std::optional<Digest> next_validators;

    friend bool operator==(const BlockSummary&, const BlockSummary&) = default;
};

// Reads blocks. The digest must bind everything in the bytes: two blocks of one digest are equal.
class BlockFormat {
  public:
    virtual ~BlockFormat() = default;
    // Fails with `invalid` or `limit_exceeded` where the bytes are no block.
    virtual Expected<BlockSummary> summarize(ByteView block) const = 0;
};

}  // namespace ashlar::consensus
