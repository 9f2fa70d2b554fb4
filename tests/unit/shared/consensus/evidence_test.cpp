#include "consensus/evidence.h"

#include <gtest/gtest.h>

#include "unit/shared/consensus/fixture.h"

namespace ashlar::consensus {
namespace {

using testing::proposal_of;
using testing::Validators;

TEST(Evidence, is_two_votes_that_no_honest_validator_casts_both) {
    Validators validators(4);
    const Subject notarize = Subject::notarize(proposal_of(3, "a"));
    const Subject other_notarize = Subject::notarize(proposal_of(3, "b"));
    const Subject finalize = Subject::finalize(proposal_of(3, "a"));
    const Subject other_finalize = Subject::finalize(proposal_of(3, "b"));
    const Subject nullify = Subject::nullify({Epoch(0), View(3)});
    const Subject later = Subject::nullify({Epoch(0), View(4)});
    struct Case {
        Subject first, second;
        bool conflict;
    };
    for (const Case& c : {Case{notarize, other_notarize, true},
                          Case{finalize, other_finalize, true}, Case{nullify, finalize, true},
                          Case{finalize, nullify, true}, Case{notarize, notarize, false},
                          Case{notarize, nullify, false}, Case{notarize, other_finalize, false},
                          Case{nullify, nullify, false}, Case{finalize, later, false}}) {
        EXPECT_EQ(conflicts(c.first, c.second), c.conflict);
        Evidence evidence{validators.vote(2, c.first), validators.vote(2, c.second)};
        EXPECT_EQ(
            verify(evidence, validators.chain, validators.set, validators.verifier).has_value(),
            c.conflict);
    }
}

TEST(Evidence, against_another_or_unsigned_is_refused) {
    Validators validators(4);
    Vote first = validators.vote(1, Subject::notarize(proposal_of(3, "a")));
    Vote second = validators.vote(2, Subject::notarize(proposal_of(3, "b")));
    EXPECT_FALSE(verify({first, second}, validators.chain, validators.set, validators.verifier));
    second.signer = 1;
    EXPECT_FALSE(verify({first, second}, validators.chain, validators.set, validators.verifier));
    first.signer = second.signer = 4;
    EXPECT_FALSE(verify({first, second}, validators.chain, validators.set, validators.verifier));
}

}  // namespace
}  // namespace ashlar::consensus
