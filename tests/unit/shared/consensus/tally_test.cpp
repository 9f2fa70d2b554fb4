#include "consensus/tally.h"

#include <gtest/gtest.h>

#include "unit/shared/consensus/fixture.h"

namespace ashlar::consensus {
namespace {

using testing::proposal_of;
using testing::Validators;

class CountingVerifier final : public Verifier {
  public:
    bool verify_all(ByteView message, std::span<const SignedBy> signatures) const override {
        ++calls;
        return inner.verify_all(message, signatures);
    }
    Ed25519Verifier inner;
    mutable std::size_t calls = 0;
};

TEST(Tally, checks_nothing_before_a_quorum_and_then_all_at_once) {
    Validators validators(7);
    CountingVerifier verifier;
    Tally tally;
    const Subject subject = Subject::notarize(proposal_of(1, "a"));
    for (SignerIndex signer = 0; signer < 5; ++signer) {
        EXPECT_FALSE(tally.certify(validators.chain, validators.set, verifier).certificate);
        EXPECT_EQ(verifier.calls, 0U);
        EXPECT_EQ(tally.add(validators.vote(signer, subject), Checked::no, 7), Added::fresh);
    }
    auto result = tally.certify(validators.chain, validators.set, verifier);
    ASSERT_TRUE(result.certificate);
    EXPECT_EQ(verifier.calls, 1U);
    EXPECT_TRUE(verify(*result.certificate, validators.chain, validators.set, verifier));
}

TEST(Tally, finds_the_bad_votes_and_goes_on_without_them) {
    Validators validators(7);
    Tally tally;
    const Subject subject = Subject::notarize(proposal_of(1, "a"));
    for (SignerIndex signer = 0; signer < 6; ++signer) {
        Vote vote = validators.vote(signer, subject);
        if (signer == 1 || signer == 4) vote.signature.bytes[3] ^= 1;
        tally.add(vote, Checked::no, 7);
    }
    auto result = tally.certify(validators.chain, validators.set, validators.verifier);
    EXPECT_FALSE(result.certificate);
    EXPECT_EQ(result.culprits, (std::vector<SignerIndex>{1, 4}));
    EXPECT_EQ(tally.vote_of(1), nullptr);
    tally.add(validators.vote(6, subject), Checked::no, 7);
    EXPECT_TRUE(tally.certify(validators.chain, validators.set, validators.verifier).certificate);
}

TEST(Tally, counts_one_vote_a_validator) {
    Validators validators(4);
    Tally tally;
    const Subject subject = Subject::notarize(proposal_of(1, "a"));
    const Subject other = Subject::notarize(proposal_of(1, "b"));
    EXPECT_EQ(tally.add(validators.vote(0, subject), Checked::no, 4), Added::fresh);
    EXPECT_EQ(tally.add(validators.vote(0, subject), Checked::no, 4), Added::repeated);
    EXPECT_EQ(tally.add(validators.vote(0, other), Checked::no, 4), Added::conflicting);
    tally.add(validators.vote(1, other), Checked::no, 4);
    tally.add(validators.vote(2, subject), Checked::no, 4);
    EXPECT_FALSE(tally.certify(validators.chain, validators.set, validators.verifier).certificate);
    tally.add(validators.vote(3, subject), Checked::no, 4);
    auto result = tally.certify(validators.chain, validators.set, validators.verifier);
    ASSERT_TRUE(result.certificate);
    EXPECT_EQ(*signers_of(*result.certificate, validators.set),
              (std::vector<SignerIndex>{0, 2, 3}));
}

}  // namespace
}  // namespace ashlar::consensus
