// What light clients and replicas take in and keep: golden bytes, and bytes from outside.
#include "codec/trust.h"

#include <gtest/gtest.h>

#include "codec/sync.h"
#include "samples.h"
#include "support/golden.h"

namespace ashlar::codec {
namespace {

SealedRefList sample_sealed_ref_list() {
    return {{sample_digest(0x51)},
            "alice",
            "hello",
            sample_finalized_header(),
            sample_ref_list_proof()};
}
EpochChange sample_epoch_change() {
    return {sample_finalized_header(), {sample_key(1), sample_key(2)}};
}
TrustedState sample_trusted_state() {
    TrustedState state;
    state.chain = {sample_digest(0x51)};
    state.epoch = ledger::Epoch(3);
    state.validators = {sample_key(1), sample_key(2)};
    state.height = ledger::Height(4);
    state.digest = {sample_digest(0x52)};
    state.time_ms = 1700000000003;
    state.next_validators = sample_digest(0x53);
    return state;
}
RefReceipt sample_receipt() {
    return {{sample_epoch_change(), sample_epoch_change()}, sample_sealed_ref_proof()};
}

RepositoryCheckpoint sample_checkpoint() {
    return {{sample_digest(0x51)},     "alice",        "hello", sample_finalized_header(),
            sample_repository_proof(), {sample_pack()}};
}
RefList sample_ref_list() {
    return {sample_ref_list_proof().refs};
}

SubscriberMessage sample_subscriber_message() {
    return {{{"alice", "hello"}, {"bob", "tools"}}, {{"alice", "old"}}};
}
RepositoryNews sample_repository_news() {
    return {sample_checkpoint(), sample_digest(0x54), sample_ref_list_proof().refs, {"refs/x"}};
}

template <typename Value, typename Decode>
void expect_golden(const std::string& name, const Value& value, const Decode& decode) {
    const Bytes encoded = encode(value);
    EXPECT_GOLDEN("codec/" + name + ".hex", encoded);
    const auto decoded = decode(encoded);
    ASSERT_TRUE(decoded) << name << ": " << decoded.error().message();
    EXPECT_TRUE(*decoded == value) << name;
}

// Whatever byte is changed or cut off: refused, or another value with that very encoding.
template <typename Value, typename Decode>
void expect_one_encoding(const Value& value, const Decode& decode) {
    const Bytes encoded = encode(value);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        for (const Byte flip : {Byte{0x01}, Byte{0x80}, Byte{0xff}}) {
            Bytes changed = encoded;
            changed[i] = static_cast<Byte>(changed[i] ^ flip);
            const auto decoded = decode(changed);
            if (!decoded) continue;
            EXPECT_EQ(encode(*decoded), changed) << "byte " << i;
            EXPECT_FALSE(*decoded == value) << "byte " << i;
        }
        EXPECT_FALSE(decode(ByteView(encoded).subspan(0, i))) << "cut at " << i;
    }
}

TEST(Trust, messages_keep_their_bytes) {
    expect_golden("sealed_ref_list", sample_sealed_ref_list(), decode_sealed_ref_list);
    expect_golden("epoch_change", sample_epoch_change(), decode_epoch_change);
    expect_golden("trusted_state", sample_trusted_state(), decode_trusted_state);
    expect_golden("ref_receipt", sample_receipt(), decode_ref_receipt);
    expect_golden("repository_checkpoint", sample_checkpoint(), decode_repository_checkpoint);
    expect_golden("ref_list", sample_ref_list(), decode_ref_list);
    expect_golden("subscriber_message", sample_subscriber_message(), decode_subscriber_message);
    expect_golden("news_header", News(sample_finalized_header()), decode_news);
    expect_golden("news_repository", News(sample_repository_news()), decode_news);
    expect_golden("news_gone", News(RepositoryGone{{"alice", "hello"}}), decode_news);
}

TEST(Trust, messages_have_one_encoding) {
    expect_one_encoding(sample_sealed_ref_list(), decode_sealed_ref_list);
    expect_one_encoding(sample_epoch_change(), decode_epoch_change);
    expect_one_encoding(sample_trusted_state(), decode_trusted_state);
    expect_one_encoding(sample_receipt(), decode_ref_receipt);
    expect_one_encoding(sample_checkpoint(), decode_repository_checkpoint);
    expect_one_encoding(sample_ref_list(), decode_ref_list);
    expect_one_encoding(sample_subscriber_message(), decode_subscriber_message);
    expect_one_encoding(News(sample_repository_news()), decode_news);
}

TEST(Trust, validators_stand_in_order_and_once) {
    EpochChange change = sample_epoch_change();
    change.next_validators = {sample_key(2), sample_key(1)};
    EXPECT_FALSE(decode_epoch_change(encode(change)));
    change.next_validators = {sample_key(1), sample_key(1)};
    EXPECT_FALSE(decode_epoch_change(encode(change)));
    change.next_validators.clear();
    EXPECT_TRUE(decode_epoch_change(encode(change)));
    for (std::size_t i = 0; i <= consensus::kValidatorsMax; ++i) {
        crypto::PublicKey key;
        key.bytes[0] = static_cast<Byte>(i >> 8);
        key.bytes[1] = static_cast<Byte>(i);
        change.next_validators.push_back(key);
    }
    EXPECT_FALSE(decode_epoch_change(encode(change)));
    change.next_validators.pop_back();
    EXPECT_TRUE(decode_epoch_change(encode(change)));
}

}  // namespace
}  // namespace ashlar::codec
