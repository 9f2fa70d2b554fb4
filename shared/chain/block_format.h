// How consensus reads our blocks.
#pragma once

#include "consensus/block_format.h"

namespace ashlar::chain {

// A block's digest is that of its header, which names the transactions by their root: so a block
// whose transactions are not those is none (`invalid`), and one digest stands for one sequence of
// bytes.
class BlockFormat final : public consensus::BlockFormat {
  public:
    Expected<consensus::BlockSummary> summarize(ByteView block) const override;
};

}  // namespace ashlar::chain
