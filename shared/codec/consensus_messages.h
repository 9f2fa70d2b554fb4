// What the engine sends and keeps, to and from its canonical Cap'n Proto encoding
// (schema/consensus.capnp).
#pragma once

#include "consensus/message.h"
#include "consensus/record.h"
#include "ledger/block.h"

namespace ashlar::codec {

// The longest message: one block and what surrounds it. A FinalizedResponse holds several blocks
// within the same limit.
inline constexpr std::size_t kConsensusMessageBytesMax = ledger::kBlockBytesMax + (1U << 20);

Bytes encode(const consensus::Message& message);
// Accepts exactly what encode() gives. Fails with `invalid`, or with `limit_exceeded` above
// kConsensusMessageBytesMax or kFinalizedBlocksMax. Neither signatures nor blocks are checked here.
Expected<consensus::Message> decode_consensus_message(ByteView bytes);

// Of a FinalizedResponse; twice what is served, for a run without a finalization of its own.
inline constexpr std::size_t kFinalizedBlocksMax = 2 * consensus::kFinalizedBlocksPerResponse;

Bytes encode(const consensus::Record& record);
Expected<consensus::Record> decode_journal_record(ByteView bytes);

}  // namespace ashlar::codec
