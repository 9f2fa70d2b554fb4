// Proofs that need nothing beside them: sealed lists, changes of the validators, receipts.
#include "chain/ref_receipt.h"
#include "codec/block.h"
#include "proven_repository.h"

namespace ashlar::chain {
namespace {

constexpr std::string_view kOwner = "operator";
const consensus::Ed25519Verifier kVerifier;

struct Fixture : ProvenRepository {
    Trust trust() const { return LightClient::from_genesis(test_genesis())->trust(); }
};

// Final by the word of this key alone, as far as the header goes.
FinalizedHeader signed_header(const ledger::BlockHeader& header, const crypto::SigningKey& key) {
    FinalizedHeader finalized;
    finalized.header = header;
    finalized.finalization =
        finalize_alone(header, codec::digest_of(header), ledger::View(header.height.value), key);
    return finalized;
}

// A receipt of a later epoch: the state is the chain's, the headers are what its validators, one
// after the other, could have signed.
struct Handed {
    crypto::SigningKey first = key_of(1);
    crypto::SigningKey second = key_of(5);
    RefReceipt receipt;

    explicit Handed(const Fixture& fixture) {
        ledger::BlockHeader last = fixture.chain.tip().header;
        last.next_validators = consensus::ValidatorSet::make({second.public_key()})->digest();
        receipt.changes.push_back({signed_header(last, first), {second.public_key()}});
        ledger::BlockHeader next = fixture.chain.tip().header;
        next.epoch = ledger::Epoch(1);
        next.height = next.height.next();
        next.time_ms += 1;
        receipt.sealed = *seal_ref_proof(fixture.rows(), kOwner, "hello", "refs/heads/main");
        receipt.sealed.finalized = signed_header(next, second);
    }
};

TEST(SealedRefList, shows_all_refs_to_a_stranger) {
    const Fixture fixture;
    const auto sealed = *seal_ref_list(fixture.rows(), kOwner, "hello");
    const auto again = codec::decode_sealed_ref_list(codec::encode(sealed));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(*again, sealed);
    const auto repository = verify_sealed(fixture.trust(), *again, kVerifier);
    ASSERT_TRUE(repository) << repository.error().message();
    EXPECT_EQ((*repository)->id, fixture.id);
    EXPECT_EQ(again->proof.refs.size(), 3u);
    const auto absent = *seal_ref_list(fixture.rows(), kOwner, "none");
    EXPECT_EQ(*verify_sealed(fixture.trust(), absent, kVerifier), std::nullopt);
}

TEST(SealedRefList, is_refused_with_a_ref_left_out_or_of_another_network) {
    const Fixture fixture;
    const auto sealed = *seal_ref_list(fixture.rows(), kOwner, "hello");
    for (std::size_t i = 0; i < sealed.proof.refs.size(); ++i) {
        auto cut = sealed;
        cut.proof.refs.erase(cut.proof.refs.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_FALSE(verify_sealed(fixture.trust(), cut, kVerifier));
    }
    auto other = sealed;
    other.chain.digest.bytes[0] ^= 1;
    EXPECT_FALSE(verify_sealed(fixture.trust(), other, kVerifier));
    auto renamed = sealed;
    renamed.repository = "other";
    EXPECT_FALSE(verify_sealed(fixture.trust(), renamed, kVerifier));
}

TEST(SealedRefList, is_refused_with_any_byte_changed) {
    const Fixture fixture;
    const auto sealed = *seal_ref_list(fixture.rows(), kOwner, "hello");
    const Bytes encoded = codec::encode(sealed);
    const Trust trust = fixture.trust();
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        for (const Byte flip : {Byte{0x01}, Byte{0x80}, Byte{0xff}}) {
            Bytes changed = encoded;
            changed[i] = static_cast<Byte>(changed[i] ^ flip);
            const auto decoded = codec::decode_sealed_ref_list(changed);
            if (!decoded) continue;
            const bool same_question =
                decoded->owner == sealed.owner && decoded->repository == sealed.repository;
            EXPECT_FALSE(same_question && verify_sealed(trust, *decoded, kVerifier))
                << "byte " << i;
        }
    }
}

TEST(EpochChange, is_not_proven_before_the_epoch_has_ended) {
    const Fixture fixture;
    for (const std::uint64_t epoch : {0, 1, 7}) {
        EXPECT_EQ(prove_epoch_change(fixture.rows(), ledger::Epoch(epoch)).error().code,
                  ErrorCode::not_found);
    }
}

TEST(EpochChange, moves_a_light_client_on_or_leaves_it_as_it_was) {
    const Fixture fixture;
    const Handed handed(fixture);
    LightClient client = *LightClient::from_genesis(test_genesis());
    const TrustedState before = client.state();
    auto stranger = handed.receipt.changes[0];
    stranger.next_validators = {key_of(6).public_key()};
    EXPECT_FALSE(client.follow(stranger, kVerifier));
    EXPECT_EQ(client.state(), before);
    ASSERT_TRUE(client.follow(handed.receipt.changes[0], kVerifier));
    EXPECT_EQ(client.state().epoch, ledger::Epoch(1));
    EXPECT_TRUE(client.advance(handed.receipt.sealed.finalized, kVerifier));
}

TEST(LightClient, is_shown_the_last_header_of_an_epoch_again) {
    const Fixture fixture;
    const Handed handed(fixture);
    LightClient client = *LightClient::from_genesis(test_genesis());
    ASSERT_TRUE(client.advance(handed.receipt.changes[0].last, kVerifier));
    EXPECT_TRUE(client.epoch_has_ended());
    EXPECT_TRUE(client.advance(handed.receipt.changes[0].last, kVerifier));
    EXPECT_TRUE(client.follow(handed.receipt.changes[0], kVerifier));
}

TEST(RefReceipt, holds_by_the_genesis_alone_through_a_change_of_validators) {
    const Fixture fixture;
    const Handed handed(fixture);
    const auto again = codec::decode_ref_receipt(codec::encode(handed.receipt));
    ASSERT_TRUE(again) << again.error().message();
    const auto proven = verify_receipt(test_genesis(), *again, kVerifier);
    ASSERT_TRUE(proven) << proven.error().message();
    EXPECT_EQ(proven->ref->id, object(1));
}

TEST(RefReceipt, is_refused_without_its_changes_or_with_others) {
    const Fixture fixture;
    const Handed handed(fixture);
    auto without = handed.receipt;
    without.changes.clear();
    EXPECT_FALSE(verify_receipt(test_genesis(), without, kVerifier));
    auto twice = handed.receipt;
    twice.changes.push_back(twice.changes[0]);
    EXPECT_FALSE(verify_receipt(test_genesis(), twice, kVerifier));
    EXPECT_FALSE(verify_receipt(test_genesis(2), handed.receipt, kVerifier));
    // The second set named by somebody whom nobody named.
    auto forged = handed.receipt;
    forged.changes[0].last = signed_header(forged.changes[0].last.header, key_of(9));
    EXPECT_FALSE(verify_receipt(test_genesis(), forged, kVerifier));
    // Old validators' word on the new epoch.
    auto old = handed.receipt;
    old.sealed.finalized = signed_header(old.sealed.finalized.header, key_of(1));
    EXPECT_FALSE(verify_receipt(test_genesis(), old, kVerifier));
}

TEST(RefReceipt, is_refused_with_any_byte_changed) {
    const Fixture fixture;
    const RefReceipt receipt = Handed(fixture).receipt;
    const Bytes encoded = codec::encode(receipt);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        Bytes changed = encoded;
        changed[i] = static_cast<Byte>(changed[i] ^ 1);
        const auto decoded = codec::decode_ref_receipt(changed);
        EXPECT_FALSE(decoded && verify_receipt(test_genesis(), *decoded, kVerifier))
            << "byte " << i;
    }
}

}  // namespace
}  // namespace ashlar::chain
