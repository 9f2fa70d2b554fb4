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
    // Set in the last block of an epoch: the digest (ValidatorSet::digest) of the next set.
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
