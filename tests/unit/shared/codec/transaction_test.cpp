#include "codec/transaction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ledger/block.h"
#include "samples.h"

namespace ashlar::codec {
namespace {

crypto::SigningKey test_key() {
    return *crypto::SigningKey::from_seed(Bytes(32, 7));
}

TEST(TransactionCodec, signs_what_verifies_after_decoding) {
    const forge::SignedTransaction transaction =
        sign(sample_transaction(sample_push()).transaction, test_key());
    const auto decoded = decode_transaction(encode(transaction));
    ASSERT_TRUE(decoded);
    EXPECT_TRUE(crypto::verify(test_key().public_key(), decoded->signing_bytes,
                               decoded->signed_transaction.signature));
}

TEST(TransactionCodec, gives_an_id_that_the_signature_does_not_change) {
    forge::SignedTransaction transaction = sample_transaction(sample_push());
    const auto id = decode_transaction(encode(transaction))->id;
    transaction.signature = sample_signature(0x44);
    EXPECT_EQ(decode_transaction(encode(transaction))->id, id);
}

TEST(TransactionCodec, gives_every_field_its_share_in_the_id) {
    const forge::Transaction base = sample_transaction(sample_push()).transaction;
    std::vector<forge::Transaction> variants(6, base);
    variants[1].chain.digest = sample_digest(1);
    variants[2].expires_ms += 1;
    variants[3].nonce += 1;
    variants[4].author = forge::AccountId(1);
    variants[5].authorship = forge::SignedByAccount{};
    for (const NamedAction& sample : sample_actions()) {
        if (std::string(sample.name) == "update_refs") continue;
        variants.push_back(base);
        variants.back().action = sample.action;
    }
    std::set<crypto::Digest> ids;
    for (const forge::Transaction& variant : variants) ids.insert(id_of(variant).digest);
    EXPECT_EQ(ids.size(), variants.size());
}

TEST(TransactionCodec, holds_a_push_of_a_hundred_thousand_refs) {
    forge::UpdateRefs push = sample_push();
    push.updates.clear();
    for (int i = 0; i < 100000; ++i) {
        push.updates.push_back({"refs/heads/branch-" + std::to_string(i), sample_object(1),
                                sample_object(2), std::nullopt});
    }
    const Bytes encoded = encode(sample_transaction(push));
    EXPECT_LT(encoded.size(), ledger::kTransactionBytesMax);
    EXPECT_TRUE(decode_transaction(encoded));
}

TEST(TransactionCodec, refuses_a_body_that_is_not_canonical_itself) {
    forge::SignedTransaction transaction = sample_transaction(forge::RevokeToken{});
    Bytes encoded = encode(transaction);
    const auto at = std::search(encoded.begin(), encoded.end(), transaction.signature.bytes.begin(),
                                transaction.signature.bytes.end());
    ASSERT_NE(at, encoded.end());
    encoded.resize(encoded.size() - 8);
    EXPECT_FALSE(decode_transaction(encoded));
}

}  // namespace
}  // namespace ashlar::codec
