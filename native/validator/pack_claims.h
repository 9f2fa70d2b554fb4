// What transactions claim to be stored (pack_gate.h).
#pragma once

#include "chain/block_executor.h"
#include "native/validator/pack_gate.h"

namespace ashlar::validator {

// Of a transaction that is not in a block yet; nothing where it needs nothing stored.
std::optional<PackClaim> claim_of(const ledger::TransactionId& id,
                                  const forge::Transaction& transaction);

// What the transactions of an encoded block name, whether or not the rules let it happen; nothing
// where the bytes are no block.
std::vector<forge::PackReference> packs_named_in(ByteView block);

// Of a block that was run: those that the rules let happen.
std::vector<PackClaim> claims_of(const chain::ExecutedBlock& executed);

}  // namespace ashlar::validator
