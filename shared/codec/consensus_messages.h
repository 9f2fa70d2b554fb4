// What the engine sends and keeps, to and from its canonical Cap'n Proto encoding
// (schema/consensus.capnp).
#pragma once

#include "consensus/evidence.h"
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

// Evidence as whoever saw it keeps it.
struct EvidenceRecord {
    crypto::PublicKey validator;
    std::uint64_t seen_ms = 0;  // since 1970, UTC
    consensus::Evidence evidence;
    friend bool operator==(const EvidenceRecord&, const EvidenceRecord&) = default;
};
Bytes encode(const EvidenceRecord& record);
// Accepts exactly what encode() gives; that it is evidence is not checked here.
Expected<EvidenceRecord> decode_evidence_record(ByteView bytes);

// Transactions that one validator hands to another, each as codec::encode(SignedTransaction) gives
// it: at least one.
struct ForwardedTransactions {
    std::vector<Bytes> transactions;
    friend bool operator==(const ForwardedTransactions&, const ForwardedTransactions&) = default;
};
inline constexpr std::size_t kForwardedTransactionsMax = 1024;

// All that validators say to each other on the channels of consensus.
using OrderingMessage = std::variant<consensus::Message, ForwardedTransactions>;
Bytes encode(const OrderingMessage& message);
// As decode_consensus_message, or with `limit_exceeded` above kForwardedTransactionsMax. The
// transactions are not looked into.
Expected<OrderingMessage> decode_ordering_message(ByteView bytes);

Bytes encode(const consensus::Record& record);
Expected<consensus::Record> decode_journal_record(ByteView bytes);

}  // namespace ashlar::codec
