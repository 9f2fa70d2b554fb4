// Chains and proofs that somebody made up, or took from elsewhere: none of them is believed.
#include "chain/ref_receipt.h"
#include "epoch_network.h"

namespace ashlar::chain {
namespace {

const consensus::Ed25519Verifier kVerifier;

// Final by the word of these keys, as far as they have a place in the set; signed for the chain
// that is named, whatever the header says.
FinalizedHeader signed_by(const std::vector<Byte>& seeds, const consensus::ValidatorSet& set,
                          const ledger::BlockHeader& header, const ledger::ChainId& chain) {
    const ledger::View view(header.height.value);
    const auto subject = consensus::Subject::finalize(
        {{header.epoch, view}, ledger::View(view.value - 1), codec::digest_of(header)});
    std::vector<consensus::Vote> votes;
    for (const Byte seed : seeds) {
        const auto index = set.index_of(key_of(seed).public_key());
        EXPECT_TRUE(index) << int{seed};
        if (!index) continue;
        votes.push_back(
            {subject, *index, key_of(seed).sign(consensus::signed_bytes(chain, subject))});
    }
    FinalizedHeader finalized;
    finalized.header = header;
    finalized.finalization = consensus::make_certificate(subject, votes, set);
    return finalized;
}

consensus::ValidatorSet set_of(const std::vector<Byte>& seeds) {
    std::vector<crypto::PublicKey> keys;
    for (const Byte seed : seeds) keys.push_back(key_of(seed).public_key());
    return *consensus::ValidatorSet::make(std::move(keys));
}

// The next header of a network of four, in its first epoch.
class ForgedChain : public testing::Test {
  protected:
    ForgedChain() {
        network.run({});
        header = network.chain.tip().header;
        header.height = header.height.next();
        header.time_ms += 1;
    }
    Expected<void> shown(const FinalizedHeader& finalized) const {
        LightClient client = *LightClient::from_genesis(network.genesis);
        return client.advance(finalized, kVerifier);
    }
    const ledger::ChainId& chain() const { return network.chain.chain_id; }

    Network network{{1, 2, 3, 4}};
    const consensus::ValidatorSet set = set_of({1, 2, 3, 4});
    ledger::BlockHeader header;
};

TEST_F(ForgedChain, needs_the_word_of_a_quorum) {
    EXPECT_TRUE(shown(signed_by({1, 2, 3}, set, header, chain())));
    EXPECT_TRUE(shown(signed_by({1, 2, 3, 4}, set, header, chain())));
    EXPECT_FALSE(shown(signed_by({}, set, header, chain())));
    EXPECT_FALSE(shown(signed_by({4}, set, header, chain())));
    const auto two = shown(signed_by({1, 4}, set, header, chain()));
    ASSERT_FALSE(two);
    EXPECT_NE(two.error().detail.find("certificate"), std::string::npos) << two.error().detail;
}

TEST_F(ForgedChain, counts_nobody_twice_and_nobody_for_another) {
    FinalizedHeader forged = signed_by({1, 2}, set, header, chain());
    // One of the two again, in the place of a third.
    for (std::size_t index = 0; index < set.size(); ++index) {
        auto& bits = forged.finalization.signers[0];
        if ((bits >> index & 1) != 0) continue;
        bits = static_cast<Byte>(bits | 1 << index);
        break;
    }
    forged.finalization.signatures.push_back(forged.finalization.signatures.back());
    EXPECT_FALSE(shown(forged));
    FinalizedHeader uncounted = signed_by({1, 2}, set, header, chain());
    uncounted.finalization.signatures.push_back(uncounted.finalization.signatures.back());
    EXPECT_FALSE(shown(uncounted));
}

TEST_F(ForgedChain, needs_validators_that_the_genesis_names) {
    const auto strangers = set_of({5, 6, 7, 8});
    EXPECT_FALSE(shown(signed_by({5, 6, 7, 8}, strangers, header, chain())));
    EXPECT_FALSE(shown(signed_by({1, 5, 6}, set_of({1, 2, 5, 6}), header, chain())));
}

TEST_F(ForgedChain, gets_nothing_from_what_was_signed_for_another_network) {
    ledger::ChainId other = chain();
    other.digest.bytes[5] ^= 4;
    EXPECT_FALSE(shown(signed_by({1, 2, 3, 4}, set, header, other)));
    header.chain = other;
    EXPECT_FALSE(shown(signed_by({1, 2, 3, 4}, set, header, other)));
    EXPECT_FALSE(shown(signed_by({1, 2, 3, 4}, set, header, chain())));
}

TEST_F(ForgedChain, gets_nothing_from_votes_of_another_kind_view_or_block) {
    const FinalizedHeader honest = signed_by({1, 2, 3}, set, header, chain());
    auto forged = honest;
    forged.finalization.subject.kind = consensus::VoteKind::notarize;
    EXPECT_FALSE(shown(forged));
    forged = honest;
    forged.finalization.subject.proposal.round.view = ledger::View(9);
    EXPECT_FALSE(shown(forged));
    forged = honest;
    forged.header.time_ms += 1;
    EXPECT_FALSE(shown(forged));
    ledger::BlockHeader another = header;
    another.time_ms += 1;
    forged.finalization = signed_by({1, 2, 3}, set, another, chain()).finalization;
    forged.header = header;
    EXPECT_FALSE(shown(forged));
}

TEST_F(ForgedChain, of_another_format_is_not_read_as_this_one) {
    for (const std::uint32_t version : {ledger::kFormatVersion - 1, ledger::kFormatVersion + 1}) {
        header.format_version = version;
        const auto answer = shown(signed_by({1, 2, 3, 4}, set, header, chain()));
        ASSERT_FALSE(answer);
        EXPECT_NE(answer.error().detail.find("format"), std::string::npos) << answer.error().detail;
    }
}

// Three of four change, one an epoch: then the first ones are no quorum any more.
class LaterEpoch : public testing::Test {
  protected:
    LaterEpoch() {
        network.run({});
        for (const Byte seed : std::vector<Byte>{2, 3, 4}) {
            network.run_one(forge::ChangeValidators{key_of(seed).public_key(),
                                                    validator(static_cast<Byte>(seed + 4))});
        }
        network.run({});
    }
    LightClient caught_up() const {
        LightClient client = *LightClient::from_genesis(network.genesis);
        while (client.state().epoch < network.chain.tip().header.epoch) {
            const auto change = prove_epoch_change(*network.chain.store, client.state().epoch);
            EXPECT_TRUE(client.follow(*change, kVerifier));
        }
        return client;
    }
    ledger::BlockHeader next_header() const {
        ledger::BlockHeader header = network.chain.tip().header;
        header.height = header.height.next();
        header.time_ms += 1;
        return header;
    }
    const ledger::ChainId& chain() const { return network.chain.chain_id; }

    Network network{{1, 2, 3, 4}};
};

TEST_F(LaterEpoch, is_decided_by_its_own_validators_alone) {
    const auto now = set_of({1, 6, 7, 8});
    LightClient client = caught_up();
    ASSERT_EQ(client.state().epoch, ledger::Epoch(3));
    const ledger::BlockHeader header = next_header();
    EXPECT_FALSE(
        client.advance(signed_by({1, 2, 3, 4}, set_of({1, 2, 3, 4}), header, chain()), kVerifier));
    // Nor does it help to say that the header is of their epoch.
    ledger::BlockHeader older = header;
    older.epoch = ledger::Epoch(0);
    EXPECT_FALSE(
        client.advance(signed_by({1, 2, 3, 4}, set_of({1, 2, 3, 4}), older, chain()), kVerifier));
    EXPECT_FALSE(client.advance(signed_by({1, 6}, now, header, chain()), kVerifier));
    EXPECT_TRUE(client.advance(signed_by({1, 6, 7}, now, header, chain()), kVerifier));
}

TEST_F(LaterEpoch, is_not_reached_past_an_epoch_or_by_validators_that_were_named_by_nobody) {
    LightClient client = *LightClient::from_genesis(network.genesis);
    const TrustedState before = client.state();
    const auto second = *prove_epoch_change(*network.chain.store, ledger::Epoch(1));
    EXPECT_FALSE(client.follow(second, kVerifier));
    // The last header of the epoch names others, by the word of too few.
    auto forged = *prove_epoch_change(*network.chain.store, ledger::Epoch(0));
    forged.last.header.next_validators = set_of({8, 9, 10, 11}).digest();
    forged.next_validators = set_of({8, 9, 10, 11}).keys();
    forged.last = signed_by({1, 2}, set_of({1, 2, 3, 4}), forged.last.header, chain());
    EXPECT_FALSE(client.follow(forged, kVerifier));
    EXPECT_EQ(client.state(), before);
}

TEST_F(LaterEpoch, shows_no_old_proof_to_whoever_has_seen_it) {
    LightClient client = *LightClient::from_genesis(network.genesis);
    ASSERT_TRUE(
        client.follow(*prove_epoch_change(*network.chain.store, ledger::Epoch(0)), kVerifier));
    const auto old = *prove_header(*network.chain.store, ledger::Height(1));
    EXPECT_EQ(old.header.epoch, ledger::Epoch(0));
    EXPECT_FALSE(client.advance(old, kVerifier));
}

TEST_F(LaterEpoch, is_shown_by_a_receipt_with_every_change_in_between) {
    RefReceipt receipt;
    receipt.sealed = *seal_ref_proof(*network.chain.store, "operator", "none", "refs/heads/main");
    for (const std::uint64_t epoch : {0, 1, 2}) {
        receipt.changes.push_back(*prove_epoch_change(*network.chain.store, ledger::Epoch(epoch)));
    }
    const auto proven = verify_receipt(network.genesis, receipt, kVerifier);
    ASSERT_TRUE(proven) << proven.error().message();
    EXPECT_FALSE(proven->repository);
    for (std::size_t left_out = 0; left_out < receipt.changes.size(); ++left_out) {
        auto cut = receipt;
        cut.changes.erase(cut.changes.begin() + static_cast<std::ptrdiff_t>(left_out));
        EXPECT_FALSE(verify_receipt(network.genesis, cut, kVerifier)) << left_out;
    }
    auto turned = receipt;
    std::swap(turned.changes[0], turned.changes[1]);
    EXPECT_FALSE(verify_receipt(network.genesis, turned, kVerifier));
}

}  // namespace
}  // namespace ashlar::chain
