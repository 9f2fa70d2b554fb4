// Blocks and headers, to and from their canonical Cap'n Proto encoding (schema/block.capnp).
#pragma once

#include "ledger/block.h"

namespace ashlar::codec {

Bytes encode(const ledger::BlockHeader& header);
Expected<ledger::BlockHeader> decode_block_header(ByteView bytes);
ledger::BlockDigest digest_of(const ledger::BlockHeader& header);

// The whole block, as proposed, sent and asked for. Decoding checks its form and its limits; that
// the header fits the transactions is the executor's to check.
Bytes encode(const ledger::Block& block);
Expected<ledger::Block> decode_block(ByteView bytes);

// The transactions alone, as stored beside the header.
Bytes encode_transactions(const std::vector<Bytes>& transactions);
Expected<std::vector<Bytes>> decode_transactions(ByteView bytes);

}  // namespace ashlar::codec
