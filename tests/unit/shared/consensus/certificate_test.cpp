#include "consensus/certificate.h"

#include <gtest/gtest.h>

#include "unit/shared/consensus/fixture.h"

namespace ashlar::consensus {
namespace {

using testing::proposal_of;
using testing::Validators;

class CertificateTest : public ::testing::Test {
  protected:
    Validators validators{4};
    Subject subject = Subject::finalize(proposal_of(3, "block", 2));
    Certificate good = validators.certificate(subject, {0, 2, 3});

    bool verifies(const Certificate& certificate) const {
        return verify(certificate, validators.chain, validators.set, validators.verifier)
            .has_value();
    }
};

TEST_F(CertificateTest, of_a_quorum_verifies) {
    EXPECT_TRUE(verifies(good));
    EXPECT_EQ(*signers_of(good, validators.set), (std::vector<SignerIndex>{0, 2, 3}));
    EXPECT_EQ(good.signers, Bytes{0b1101});
    EXPECT_TRUE(verifies(validators.certificate(subject, {0, 1, 2, 3})));
}

TEST_F(CertificateTest, of_fewer_does_not) {
    EXPECT_FALSE(verifies(validators.certificate(subject, {0, 2})));
    EXPECT_FALSE(verifies(validators.certificate(subject, {})));
}

TEST_F(CertificateTest, serves_no_other_chain_epoch_kind_view_parent_or_block) {
    ChainId other{crypto::hash("test", as_bytes("other"))};
    EXPECT_FALSE(verify(good, other, validators.set, validators.verifier));
    for (int change = 0; change < 5; ++change) {
        Certificate moved = good;
        Proposal& proposal = moved.subject.proposal;
        if (change == 0) proposal.round.epoch = Epoch(1);
        if (change == 1) moved.subject.kind = VoteKind::notarize;
        if (change == 2) proposal.round.view = View(4);
        if (change == 3) proposal.parent = View(1);
        if (change == 4) proposal.block = testing::block_named("other");
        EXPECT_FALSE(verifies(moved)) << change;
    }
}

TEST_F(CertificateTest, with_any_bit_of_bitmap_or_signatures_flipped_is_refused) {
    for (int bit = 0; bit < 8; ++bit) {
        Certificate changed = good;
        changed.signers[0] = static_cast<Byte>(changed.signers[0] ^ (1 << bit));
        EXPECT_FALSE(verifies(changed)) << bit;
    }
    for (std::size_t i = 0; i < good.signatures.size(); ++i) {
        for (std::size_t at = 0; at < Signature::kSize; ++at) {
            Certificate changed = good;
            changed.signatures[i].bytes[at] ^= 1;
            EXPECT_FALSE(verifies(changed)) << i << " " << at;
        }
    }
}

TEST_F(CertificateTest, of_the_wrong_shape_is_refused) {
    Certificate longer = good;
    longer.signers.push_back(0);
    EXPECT_FALSE(verifies(longer));
    Certificate empty = good;
    empty.signers.clear();
    EXPECT_FALSE(verifies(empty));
    Certificate doubled = good;
    doubled.signatures.push_back(doubled.signatures.back());
    EXPECT_FALSE(verifies(doubled));
    // A quorum on something that no honest validator proposes.
    Subject loop = Subject::notarize(proposal_of(3, "block", 3));
    EXPECT_FALSE(verifies(validators.certificate(loop, {0, 1, 2})));
    Subject named = Subject::nullify({Epoch(0), View(2)});
    named.proposal.block = testing::block_named("block");
    EXPECT_FALSE(verifies(validators.certificate(named, {0, 1, 2})));
}

TEST(Vote, signs_these_bytes) {
    ChainId chain;
    chain.digest.bytes.fill(0xaa);
    BlockDigest block;
    block.digest.bytes.fill(0xbb);
    Subject subject =
        Subject::notarize({{Epoch(0x0102030405060708), View(0x10)}, View(0x0f), block});
    std::string a(64, 'a');
    std::string b(64, 'b');
    EXPECT_EQ(to_hex(signed_bytes(chain, subject)), "6173686c61722e766f74652e31" + a +
                                                        "01"
                                                        "0102030405060708"
                                                        "0000000000000010"
                                                        "000000000000000f" +
                                                        b);
}

}  // namespace
}  // namespace ashlar::consensus
