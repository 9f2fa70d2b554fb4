#include "codec/consensus_messages.h"

#include <schema/consensus.capnp.h>

#include "codec/certificate_fields.h"

namespace ashlar::codec {

namespace {

using consensus::Message;
using consensus::Record;
using schema::ConsensusMessage;
using schema::JournalRecord;

void write_vote(schema::Vote::Builder builder, const consensus::Vote& vote) {
    const consensus::Proposal& proposal = vote.subject.proposal;
    builder.setKind(static_cast<schema::VoteKind>(vote.subject.kind));
    builder.setSigner(vote.signer);
    builder.setEpoch(proposal.round.epoch.value);
    builder.setView(proposal.round.view.value);
    builder.setParentView(proposal.parent.value);
    builder.setBlock(data_of(proposal.block.view()));
    builder.setSignature(data_of(vote.signature.view()));
}

Expected<consensus::Vote> read_vote(schema::Vote::Reader reader) {
    consensus::Vote vote;
    ASHLAR_TRY(vote.subject.kind, kind_of(reader.getKind()));
    consensus::Proposal& proposal = vote.subject.proposal;
    proposal.round = {ledger::Epoch(reader.getEpoch()), ledger::View(reader.getView())};
    proposal.parent = ledger::View(reader.getParentView());
    ASHLAR_TRY(proposal.block.digest, fixed<crypto::Digest>(reader.getBlock()));
    vote.signer = reader.getSigner();
    ASHLAR_TRY(vote.signature, fixed<crypto::Signature>(reader.getSignature()));
    return vote;
}

void write_block(schema::ProposedBlock::Builder builder, const ledger::Round& round,
                 const Bytes& block) {
    builder.setEpoch(round.epoch.value);
    builder.setView(round.view.value);
    builder.setBlock(data_of(block));
}

ledger::Round read_round(schema::ProposedBlock::Reader reader) {
    return {ledger::Epoch(reader.getEpoch()), ledger::View(reader.getView())};
}

void write_finalized(schema::FinalizedBlocks::Builder builder,
                     const consensus::FinalizedResponse& response) {
    auto blocks = builder.initBlocks(static_cast<unsigned>(response.blocks.size()));
    for (unsigned i = 0; i < blocks.size(); ++i) blocks.set(i, data_of(response.blocks[i]));
    write_certificate(builder.initFinalization(), response.finalization);
}

Expected<consensus::FinalizedResponse> read_finalized(schema::FinalizedBlocks::Reader reader) {
    consensus::FinalizedResponse response;
    if (reader.getBlocks().size() > kFinalizedBlocksMax) {
        return fail(ErrorCode::limit_exceeded,
                    "more than " + std::to_string(kFinalizedBlocksMax) + " blocks");
    }
    for (auto block : reader.getBlocks()) response.blocks.push_back(to_bytes(view_of(block)));
    ASHLAR_TRY(response.finalization, read_certificate(reader.getFinalization()));
    return response;
}

// One overload a kind of message.
struct MessageWriter {
    ConsensusMessage::Builder builder;

    void operator()(const consensus::Vote& vote) { write_vote(builder.initVote(), vote); }
    void operator()(const consensus::Certificate& certificate) {
        write_certificate(builder.initCertificate(), certificate);
    }
    void operator()(const consensus::BlockMessage& message) {
        write_block(builder.initBlock(), message.round, message.block);
    }
    void operator()(const consensus::CertificateRequest& request) {
        auto round = builder.initCertificateRequest();
        round.setEpoch(request.round.epoch.value);
        round.setView(request.round.view.value);
    }
    void operator()(const consensus::BlockRequest& request) {
        builder.setBlockRequest(data_of(request.block.view()));
    }
    void operator()(const consensus::BlockResponse& response) {
        builder.setBlockResponse(data_of(response.block));
    }
    void operator()(const consensus::FinalizedRequest& request) {
        builder.setFinalizedRequest(request.from.value);
    }
    void operator()(const consensus::FinalizedResponse& response) {
        write_finalized(builder.initFinalizedResponse(), response);
    }
};

Expected<Message> read_message(ConsensusMessage::Reader reader) {
    switch (reader.which()) {
        case ConsensusMessage::NONE:
            break;
        case ConsensusMessage::VOTE:
            return read_vote(reader.getVote());
        case ConsensusMessage::CERTIFICATE:
            return read_certificate(reader.getCertificate());
        case ConsensusMessage::BLOCK:
            return consensus::BlockMessage{read_round(reader.getBlock()),
                                           to_bytes(view_of(reader.getBlock().getBlock()))};
        case ConsensusMessage::CERTIFICATE_REQUEST: {
            auto round = reader.getCertificateRequest();
            return consensus::CertificateRequest{
                {ledger::Epoch(round.getEpoch()), ledger::View(round.getView())}};
        }
        case ConsensusMessage::BLOCK_REQUEST: {
            ASHLAR_TRY(crypto::Digest digest, fixed<crypto::Digest>(reader.getBlockRequest()));
            return consensus::BlockRequest{ledger::BlockDigest{digest}};
        }
        case ConsensusMessage::BLOCK_RESPONSE:
            return consensus::BlockResponse{to_bytes(view_of(reader.getBlockResponse()))};
        case ConsensusMessage::FINALIZED_REQUEST:
            return consensus::FinalizedRequest{ledger::Height(reader.getFinalizedRequest())};
        case ConsensusMessage::FINALIZED_RESPONSE:
            return read_finalized(reader.getFinalizedResponse());
        case ConsensusMessage::TRANSACTIONS:
            return fail(ErrorCode::invalid, "transactions, which are not for the engine");
    }
    return fail(ErrorCode::invalid, "of an unknown kind");
}

Expected<OrderingMessage> read_ordering_message(ConsensusMessage::Reader reader) {
    if (!reader.isTransactions()) {
        ASHLAR_TRY(Message message, read_message(reader));
        return OrderingMessage(std::move(message));
    }
    const auto list = reader.getTransactions();
    if (list.size() == 0) return fail(ErrorCode::invalid, "no transactions");
    if (list.size() > kForwardedTransactionsMax) {
        return fail(ErrorCode::limit_exceeded,
                    "more than " + std::to_string(kForwardedTransactionsMax) + " transactions");
    }
    ForwardedTransactions forwarded;
    for (auto transaction : list) {
        forwarded.transactions.push_back(to_bytes(view_of(transaction)));
    }
    return OrderingMessage(std::move(forwarded));
}

Expected<Record> read_record(JournalRecord::Reader reader) {
    switch (reader.which()) {
        case JournalRecord::NONE:
            break;
        case JournalRecord::BLOCK:
            return consensus::BlockRecord{read_round(reader.getBlock()),
                                          to_bytes(view_of(reader.getBlock().getBlock()))};
        case JournalRecord::VOTE:
            return read_vote(reader.getVote());
        case JournalRecord::CERTIFICATE:
            return read_certificate(reader.getCertificate());
    }
    return fail(ErrorCode::invalid, "of an unknown kind");
}

}  // namespace

Bytes encode(const Message& message) {
    return encode_canonical<ConsensusMessage>(
        [&](ConsensusMessage::Builder& builder) { std::visit(MessageWriter{builder}, message); });
}

Expected<Message> decode_consensus_message(ByteView bytes) {
    return decode_canonical<ConsensusMessage, Message>(
        bytes, "message of a validator", kConsensusMessageBytesMax, encode, read_message);
}

Bytes encode(const EvidenceRecord& record) {
    return encode_canonical<schema::EvidenceRecord>([&](schema::EvidenceRecord::Builder& builder) {
        builder.setValidator(data_of(record.validator.view()));
        builder.setSeenMs(record.seen_ms);
        write_vote(builder.initFirst(), record.evidence.first);
        write_vote(builder.initSecond(), record.evidence.second);
    });
}

Expected<EvidenceRecord> decode_evidence_record(ByteView bytes) {
    return decode_canonical<schema::EvidenceRecord, EvidenceRecord>(
        bytes, "evidence", kRecordBytesMax, encode,
        [](schema::EvidenceRecord::Reader reader) -> Expected<EvidenceRecord> {
            EvidenceRecord record;
            ASHLAR_TRY(record.validator, fixed<crypto::PublicKey>(reader.getValidator()));
            record.seen_ms = reader.getSeenMs();
            ASHLAR_TRY(record.evidence.first, read_vote(reader.getFirst()));
            ASHLAR_TRY(record.evidence.second, read_vote(reader.getSecond()));
            return record;
        });
}

Bytes encode(const OrderingMessage& message) {
    if (const auto* of_engine = std::get_if<Message>(&message)) return encode(*of_engine);
    const auto& forwarded = std::get<ForwardedTransactions>(message).transactions;
    return encode_canonical<ConsensusMessage>([&](ConsensusMessage::Builder& builder) {
        auto list = builder.initTransactions(static_cast<unsigned>(forwarded.size()));
        for (unsigned i = 0; i < list.size(); ++i) list.set(i, data_of(forwarded[i]));
    });
}

Expected<OrderingMessage> decode_ordering_message(ByteView bytes) {
    return decode_canonical<ConsensusMessage, OrderingMessage>(
        bytes, "message of a validator", kConsensusMessageBytesMax, encode, read_ordering_message);
}

Bytes encode(const Record& record) {
    return encode_canonical<JournalRecord>([&](JournalRecord::Builder& builder) {
        if (const auto* block = std::get_if<consensus::BlockRecord>(&record)) {
            write_block(builder.initBlock(), block->round, block->block);
        } else if (const auto* vote = std::get_if<consensus::Vote>(&record)) {
            write_vote(builder.initVote(), *vote);
        } else {
            write_certificate(builder.initCertificate(), std::get<consensus::Certificate>(record));
        }
    });
}

Expected<Record> decode_journal_record(ByteView bytes) {
    return decode_canonical<JournalRecord, Record>(bytes, "journal record",
                                                   kConsensusMessageBytesMax, encode, read_record);
}

}  // namespace ashlar::codec
