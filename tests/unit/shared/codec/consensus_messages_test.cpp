#include "codec/consensus_messages.h"

#include <gtest/gtest.h>

#include "support/golden.h"

namespace ashlar::codec {
namespace {

using namespace consensus;

BlockDigest digest_filled(Byte byte) {
    BlockDigest digest;
    digest.digest.bytes.fill(byte);
    return digest;
}

Vote sample_vote() {
    Signature signature;
    signature.bytes.fill(0x5a);
    return {Subject::notarize({{Epoch(2), View(9)}, View(7), digest_filled(0xb1)}), 3, signature};
}

Certificate sample_nullification() {
    Signature signature;
    signature.bytes.fill(0x33);
    return {Subject::nullify({Epoch(2), View(8)}), Bytes{0x0b}, {signature, signature, signature}};
}

Certificate sample_finalization() {
    Certificate certificate = sample_nullification();
    certificate.subject = Subject::finalize({{Epoch(2), View(7)}, View(5), digest_filled(0xb0)});
    return certificate;
}

struct NamedMessage {
    const char* name;
    Message message;
};

std::vector<NamedMessage> sample_messages() {
    return {
        {"vote", sample_vote()},
        {"nullification", sample_nullification()},
        {"block", BlockMessage{{Epoch(2), View(9)}, to_bytes("a block")}},
        {"certificate_request", CertificateRequest{{Epoch(2), View(8)}}},
        {"block_request", BlockRequest{digest_filled(0xb1)}},
        {"block_response", BlockResponse{to_bytes("a block")}},
        {"finalized_request", FinalizedRequest{Height(41)}},
        {"finalized_response",
         FinalizedResponse{{to_bytes("one"), to_bytes("two")}, sample_finalization()}},
    };
}

TEST(ConsensusMessages, keep_their_bytes) {
    for (const NamedMessage& sample : sample_messages()) {
        const Bytes bytes = encode(sample.message);
        EXPECT_GOLDEN(std::string("codec/consensus_") + sample.name + ".hex", bytes);
        Expected<Message> decoded = decode_consensus_message(bytes);
        ASSERT_TRUE(decoded) << sample.name << ": " << decoded.error().message();
        EXPECT_TRUE(*decoded == sample.message) << sample.name;
    }
}

TEST(ConsensusMessages, journal_records_keep_their_bytes) {
    struct {
        const char* name;
        Record record;
    } samples[] = {{"block", BlockRecord{{Epoch(2), View(9)}, to_bytes("a block")}},
                   {"vote", sample_vote()},
                   {"certificate", sample_finalization()}};
    for (const auto& sample : samples) {
        const Bytes bytes = encode(sample.record);
        EXPECT_GOLDEN(std::string("codec/journal_") + sample.name + ".hex", bytes);
        Expected<Record> decoded = decode_journal_record(bytes);
        ASSERT_TRUE(decoded) << sample.name << ": " << decoded.error().message();
        EXPECT_TRUE(*decoded == sample.record) << sample.name;
    }
}

// Whatever else decodes is another value, and encodes to exactly the bytes that it came from.
TEST(ConsensusMessages, with_any_bit_flipped_are_refused_or_mean_something_else) {
    for (const NamedMessage& sample : sample_messages()) {
        const Bytes bytes = encode(sample.message);
        for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
            Bytes changed = bytes;
            changed[bit / 8] = static_cast<Byte>(changed[bit / 8] ^ (1U << (bit % 8)));
            Expected<Message> decoded = decode_consensus_message(changed);
            if (!decoded) continue;
            EXPECT_FALSE(*decoded == sample.message) << sample.name << " bit " << bit;
            EXPECT_EQ(encode(*decoded), changed) << sample.name << " bit " << bit;
        }
    }
}

TEST(ConsensusMessages, cut_short_or_drawn_out_are_refused) {
    for (const NamedMessage& sample : sample_messages()) {
        Bytes bytes = encode(sample.message);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            EXPECT_FALSE(decode_consensus_message(ByteView(bytes).first(size)))
                << sample.name << " of " << size;
        }
        bytes.resize(bytes.size() + 8);
        EXPECT_FALSE(decode_consensus_message(bytes)) << sample.name;
    }
}

TEST(ConsensusMessages, carry_transactions_beside_the_engines_messages) {
    const OrderingMessage sample = ForwardedTransactions{{to_bytes("one"), to_bytes("another")}};
    const Bytes bytes = encode(sample);
    EXPECT_GOLDEN("codec/consensus_transactions.hex", bytes);
    Expected<OrderingMessage> decoded = decode_ordering_message(bytes);
    ASSERT_TRUE(decoded) << decoded.error().message();
    EXPECT_TRUE(*decoded == sample);
    EXPECT_FALSE(decode_consensus_message(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_ordering_message(ByteView(bytes).first(size))) << size;
    }
    for (const NamedMessage& other : sample_messages()) {
        const OrderingMessage of_engine = other.message;
        Expected<OrderingMessage> again = decode_ordering_message(encode(other.message));
        ASSERT_TRUE(again) << other.name;
        EXPECT_TRUE(*again == of_engine) << other.name;
        EXPECT_EQ(encode(of_engine), encode(other.message)) << other.name;
    }
}

TEST(ConsensusMessages, with_no_or_too_many_transactions_are_refused) {
    ForwardedTransactions forwarded;
    EXPECT_FALSE(decode_ordering_message(encode(OrderingMessage(forwarded))));
    forwarded.transactions.assign(kForwardedTransactionsMax, to_bytes("transaction"));
    EXPECT_TRUE(decode_ordering_message(encode(OrderingMessage(forwarded))));
    forwarded.transactions.push_back(to_bytes("transaction"));
    EXPECT_FALSE(decode_ordering_message(encode(OrderingMessage(forwarded))));
}

TEST(ConsensusMessages, with_more_blocks_than_an_answer_may_hold_are_refused) {
    FinalizedResponse response{std::vector<Bytes>(kFinalizedBlocksMax, to_bytes("block")),
                               sample_finalization()};
    EXPECT_TRUE(decode_consensus_message(encode(Message(response))));
    response.blocks.push_back(to_bytes("block"));
    Expected<Message> decoded = decode_consensus_message(encode(Message(response)));
    EXPECT_FALSE(decoded);
}

TEST(ConsensusMessages, evidence_keeps_its_bytes) {
    EvidenceRecord record;
    record.validator.bytes.fill(0x44);
    record.seen_ms = 1700000000000;
    record.evidence = {sample_vote(), sample_vote()};
    record.evidence.second.subject.proposal.block = digest_filled(0xb2);
    const Bytes bytes = encode(record);
    EXPECT_GOLDEN("codec/evidence_record.hex", bytes);
    const auto decoded = decode_evidence_record(bytes);
    ASSERT_TRUE(decoded) << decoded.error().message();
    EXPECT_EQ(*decoded, record);
    EXPECT_FALSE(decode_evidence_record(ByteView(bytes).first(bytes.size() - 8)));
}

}  // namespace
}  // namespace ashlar::codec
