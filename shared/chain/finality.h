// A final block, and how it is stored: header, transactions, certificate and changed state go into
// the store in one commit, with the height that is now final. So after a crash the state is that of
// one block, all of it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/key_value.h"
#include "chain/block_executor.h"
#include "consensus/certificate.h"

namespace ashlar::chain {

struct FinalizedBlock {
    ledger::Block block;
    ledger::BlockDigest digest;
    std::vector<ledger::TransactionId> transaction_ids;
    std::vector<forge::TransactionResult> results;
    // Of this block; absent where it became final as the ancestor of one that has it.
    std::optional<consensus::Certificate> finalization;
};

// All that the store needs to make the block final. Committed with Durability::synced before
// anybody whose transaction is in it is told.
WriteBatch finalize_batch(const ExecutedBlock& executed,
                          const std::optional<consensus::Certificate>& finalization);

// The last final block, read from the store; its rows are the reader given. Fails with `not_found`
// where the store holds no chain, with `corrupt`.
Expected<ChainTip> load_tip(std::shared_ptr<const KeyValueReader> store);

// A network of one validator: its own finalization of a block, the same certificate that a quorum
// of many gives.
consensus::Certificate finalize_alone(const ledger::BlockHeader& header,
                                      const ledger::BlockDigest& digest, ledger::View view,
                                      const crypto::SigningKey& key);

}  // namespace ashlar::chain
