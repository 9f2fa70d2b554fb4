// The genesis, to and from its canonical Cap'n Proto encoding (schema/genesis.capnp).
#pragma once

#include "forge/genesis.h"

namespace ashlar::codec {

Bytes encode(const forge::Genesis& genesis);
// Accepts exactly what encode() gives; fails with `invalid`. Whether it makes sense, forge::check
// says.
Expected<forge::Genesis> decode_genesis(ByteView bytes);
ledger::ChainId chain_id_of(const forge::Genesis& genesis);

}  // namespace ashlar::codec
