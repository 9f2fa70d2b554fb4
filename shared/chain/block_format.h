// How consensus sees the ledger's blocks.
#pragma once

#include "consensus/block_format.h"

namespace ashlar::chain {

class LedgerBlockFormat final : public consensus::BlockFormat {
  public:
    // Of a block in canonical encoding. Its header names the transactions: bytes whose transactions
    // are others than the header says are no block. Fails with `invalid` or `limit_exceeded`.
    Expected<consensus::BlockSummary> summarize(ByteView block) const override;
};

}  // namespace ashlar::chain
