// The state that a network begins with.
#pragma once

#include "base/key_value.h"
#include "codec/genesis.h"
#include "ledger/block.h"

namespace ashlar::chain {

using codec::chain_id_of;
using forge::Genesis;

// Height 0: the state before the first block. It has a header, which is the first block's parent,
// and no transactions.
struct GenesisState {
    ledger::BlockHeader header;
    ledger::BlockDigest digest;
    WriteBatch rows;  // state, trees, header, genesis, head; to be committed into an empty store
};
// Fails with `invalid` as forge::check does.
Expected<GenesisState> make_genesis_state(const Genesis& genesis);

}  // namespace ashlar::chain
