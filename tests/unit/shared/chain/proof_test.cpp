#include "chain/proof.h"

#include "codec/block.h"
#include "codec/record_paths.h"
#include "proven_repository.h"

namespace ashlar::chain {
namespace {

constexpr std::string_view kOwner = "operator";

struct Fixture : ProvenRepository {
    Fixture() {
        for (int i = 0; i < 20; ++i) chain.account("account" + std::to_string(i));
    }
    crypto::Digest root() const { return chain.tip().header.state_root; }
    Trust trust() const {
        return {chain.chain_id, ledger::Epoch(0),
                *consensus::ValidatorSet::make({chain.validator.public_key()})};
    }
};

const consensus::Ed25519Verifier kVerifier;

TEST(Proof, shows_any_record_or_its_absence) {
    const Fixture fixture;
    for (const std::string& path :
         {std::string(codec::kCountersPath), codec::account_path(kAdministrator),
          codec::repository_path(fixture.id)}) {
        const auto proof = *prove_record(fixture.rows(), path);
        EXPECT_TRUE(verify_record(fixture.root(), path, proof)->has_value()) << path;
        EXPECT_FALSE(verify_record(fixture.root(), "settings", proof)) << path;
    }
    const auto absent = *prove_record(fixture.rows(), codec::login_path("nobody-here"));
    EXPECT_EQ(*verify_record(fixture.root(), codec::login_path("nobody-here"), absent),
              std::nullopt);
    EXPECT_FALSE(verify_record(fixture.root(), codec::login_path("operator"), absent));
}

TEST(Proof, shows_a_ref_with_its_repository) {
    const Fixture fixture;
    const auto proof = *prove_ref(fixture.rows(), "Operator", "HELLO", "refs/tags/v1");
    const auto proven = verify_ref(fixture.root(), "operator", "hello", "refs/tags/v1", proof);
    ASSERT_TRUE(proven) << proven.error().message();
    EXPECT_EQ(proven->repository->id, fixture.id);
    EXPECT_EQ(proven->ref->id, object(3));
    EXPECT_EQ(proven->ref->peeled, object(4));
}

TEST(Proof, shows_that_a_ref_a_repository_or_an_owner_is_absent) {
    const Fixture fixture;
    const auto proven = [&](std::string_view owner, std::string_view name, std::string_view ref) {
        return *verify_ref(fixture.root(), owner, name, ref,
                           *prove_ref(fixture.rows(), owner, name, ref));
    };
    EXPECT_TRUE(proven(kOwner, "hello", "refs/heads/none").repository);
    EXPECT_FALSE(proven(kOwner, "hello", "refs/heads/none").ref);
    EXPECT_FALSE(proven(kOwner, "other", "refs/heads/main").ref);  // a repository without refs
    EXPECT_TRUE(proven(kOwner, "other", "refs/heads/main").repository);
    EXPECT_FALSE(proven(kOwner, "none", "refs/heads/main").repository);
    EXPECT_FALSE(proven("nobody-here", "hello", "refs/heads/main").repository);
}

TEST(Proof, serves_for_no_other_ref_repository_owner_or_state) {
    Fixture fixture;
    const crypto::Digest root = fixture.root();
    const auto proof = *prove_ref(fixture.rows(), kOwner, "hello", "refs/heads/main");
    EXPECT_TRUE(verify_ref(root, kOwner, "hello", "refs/heads/main", proof));
    EXPECT_FALSE(verify_ref(root, kOwner, "hello", "refs/heads/topic", proof));
    EXPECT_FALSE(verify_ref(root, kOwner, "other", "refs/heads/main", proof));
    EXPECT_FALSE(verify_ref(root, "account1", "hello", "refs/heads/main", proof));
    auto claims_absent = proof;
    claims_absent.value.reset();
    EXPECT_FALSE(verify_ref(root, kOwner, "hello", "refs/heads/main", claims_absent));
    fixture.chain.run_one(fixture.chain.push(fixture.id, "refs/heads/main", object(1), object(9)));
    EXPECT_FALSE(verify_ref(fixture.root(), kOwner, "hello", "refs/heads/main", proof));
}

TEST(Proof, shows_all_refs_and_notices_one_that_is_left_out_added_or_changed) {
    const Fixture fixture;
    const auto proof = *prove_refs(fixture.rows(), kOwner, "hello");
    EXPECT_EQ(proof.refs.size(), 3u);
    EXPECT_EQ((*verify_refs(fixture.root(), kOwner, "hello", proof))->id, fixture.id);
    for (std::size_t i = 0; i < proof.refs.size(); ++i) {
        auto left_out = proof;
        left_out.refs.erase(left_out.refs.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_FALSE(verify_refs(fixture.root(), kOwner, "hello", left_out));
        auto changed = proof;
        changed.refs[i].id = object(9);
        EXPECT_FALSE(verify_refs(fixture.root(), kOwner, "hello", changed));
        auto renamed = proof;
        renamed.refs[i].name += "x";
        EXPECT_FALSE(verify_refs(fixture.root(), kOwner, "hello", renamed));
    }
    auto added = proof;
    added.refs.push_back({"refs/zz", object(1), std::nullopt});
    EXPECT_FALSE(verify_refs(fixture.root(), kOwner, "hello", added));
    const auto empty = *prove_refs(fixture.rows(), kOwner, "other");
    EXPECT_TRUE(verify_refs(fixture.root(), kOwner, "other", empty)->has_value());
    const auto absent = *prove_refs(fixture.rows(), kOwner, "none");
    EXPECT_FALSE(verify_refs(fixture.root(), kOwner, "none", absent)->has_value());
}

TEST(Proof, of_a_header_holds_by_its_own_certificate_or_a_later_one) {
    Fixture fixture;
    ChainHarness& chain = fixture.chain;
    EXPECT_TRUE(verify_header(fixture.trust(),
                              *prove_header(fixture.rows(), chain.tip().header.height), kVerifier));
    const BuiltBlock without = chain.build(chain.tip(), {});
    ASSERT_TRUE(
        chain.store->commit(finalize_batch(without.executed, std::nullopt), Durability::synced));
    const ledger::Height height = without.executed.block.header.height;
    EXPECT_EQ(prove_header(fixture.rows(), height).error().code, ErrorCode::not_found);
    chain.run({});
    const auto finalized = *prove_header(fixture.rows(), height);
    EXPECT_EQ(finalized.descendants.size(), 1u);
    EXPECT_TRUE(verify_header(fixture.trust(), finalized, kVerifier));
    auto cut = finalized;
    cut.descendants.clear();
    EXPECT_FALSE(verify_header(fixture.trust(), cut, kVerifier));
}

TEST(Proof, of_a_header_is_refused_for_another_network_epoch_or_validators) {
    const Fixture fixture;
    const auto finalized = *prove_header(fixture.rows(), fixture.chain.tip().header.height);
    Trust other = fixture.trust();
    other.chain.digest.bytes[0] ^= 1;
    EXPECT_FALSE(verify_header(other, finalized, kVerifier));
    other = fixture.trust();
    other.epoch = ledger::Epoch(1);
    EXPECT_FALSE(verify_header(other, finalized, kVerifier));
    other = fixture.trust();
    other.validators = *consensus::ValidatorSet::make({key_of(9).public_key()});
    EXPECT_FALSE(verify_header(other, finalized, kVerifier));
    auto notarized = finalized;
    notarized.finalization.subject.kind = consensus::VoteKind::notarize;
    EXPECT_FALSE(verify_header(fixture.trust(), notarized, kVerifier));
}

TEST(Proof, sealed_holds_all_that_a_stranger_needs) {
    const Fixture fixture;
    const auto sealed = *seal_ref_proof(fixture.rows(), kOwner, "hello", "refs/heads/main");
    const auto again = codec::decode_sealed_ref_proof(codec::encode(sealed));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(*again, sealed);
    const auto proven = verify_sealed(fixture.trust(), *again, kVerifier);
    ASSERT_TRUE(proven) << proven.error().message();
    EXPECT_EQ(proven->ref->id, object(1));
}

// Whatever single byte is changed: it does not decode, does not verify, or is of another name, and
// then was not what was asked for.
TEST(Proof, sealed_is_refused_with_any_byte_changed) {
    const Fixture fixture;
    const auto sealed = *seal_ref_proof(fixture.rows(), kOwner, "hello", "refs/heads/main");
    const Bytes encoded = codec::encode(sealed);
    const Trust trust = fixture.trust();
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        for (const Byte flip : {Byte{0x01}, Byte{0x80}, Byte{0xff}}) {
            Bytes changed = encoded;
            changed[i] = static_cast<Byte>(changed[i] ^ flip);
            const auto decoded = codec::decode_sealed_ref_proof(changed);
            if (!decoded) continue;
            const bool same_question = decoded->owner == sealed.owner &&
                                       decoded->repository == sealed.repository &&
                                       decoded->ref == sealed.ref;
            EXPECT_FALSE(same_question && verify_sealed(trust, *decoded, kVerifier))
                << "byte " << i;
        }
    }
}

TEST(Proof, lists_and_headers_come_back_from_their_encoding) {
    const Fixture fixture;
    const auto refs = *prove_refs(fixture.rows(), kOwner, "hello");
    EXPECT_EQ(*codec::decode_ref_list_proof(codec::encode(refs)), refs);
    const auto ref = *prove_ref(fixture.rows(), kOwner, "none", "refs/heads/main");
    EXPECT_EQ(*codec::decode_ref_proof(codec::encode(ref)), ref);
    EXPECT_EQ(*codec::decode_repository_proof(codec::encode(ref.repository)), ref.repository);
    const auto header = *prove_header(fixture.rows(), ledger::Height(3));
    EXPECT_EQ(*codec::decode_finalized_header(codec::encode(header)), header);
}

}  // namespace
}  // namespace ashlar::chain
