#include "consensus/validator_set.h"

#include <gtest/gtest.h>

#include "unit/shared/consensus/fixture.h"

namespace ashlar::consensus {
namespace {

using testing::Validators;

TEST(ValidatorSet, needs_more_than_two_thirds) {
    struct Case {
        std::size_t size, faulty, quorum;
    };
    for (Case c : {Case{1, 0, 1}, Case{2, 0, 2}, Case{3, 0, 3}, Case{4, 1, 3}, Case{5, 1, 4},
                   Case{6, 1, 5}, Case{7, 2, 5}, Case{100, 33, 67}}) {
        ValidatorSet set = Validators::make_set(c.size);
        EXPECT_EQ(set.faulty_max(), c.faulty) << c.size;
        EXPECT_EQ(set.quorum(), c.quorum) << c.size;
        // Two quorums share an honest validator, and the honest alone make one.
        EXPECT_GT(2 * set.quorum(), c.size + c.faulty);
        EXPECT_LE(set.quorum() + c.faulty, c.size);
    }
}

TEST(ValidatorSet, is_the_same_in_any_order_of_its_keys) {
    std::vector<PublicKey> keys = Validators::make_set(5).keys();
    std::vector<PublicKey> reversed(keys.rbegin(), keys.rend());
    EXPECT_EQ(*ValidatorSet::make(keys), *ValidatorSet::make(reversed));
    EXPECT_EQ(ValidatorSet::make(keys)->digest(), ValidatorSet::make(reversed)->digest());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        EXPECT_EQ(ValidatorSet::make(reversed)->index_of(keys[i]), i);
    }
    EXPECT_EQ(Validators::make_set(4).index_of(Validators::key_of(9).public_key()), std::nullopt);
}

TEST(ValidatorSet, refuses_none_doubles_and_too_many) {
    EXPECT_FALSE(ValidatorSet::make({}));
    PublicKey key = Validators::key_of(0).public_key();
    EXPECT_FALSE(ValidatorSet::make({key, key}));
    std::vector<PublicKey> many(kValidatorsMax + 1);
    for (std::size_t i = 0; i < many.size(); ++i) {
        many[i].bytes[0] = static_cast<Byte>(i);
        many[i].bytes[1] = static_cast<Byte>(i >> 8);
    }
    EXPECT_EQ(ValidatorSet::make(many).error().code, ErrorCode::limit_exceeded);
    many.pop_back();
    EXPECT_TRUE(ValidatorSet::make(many));
}

TEST(ValidatorSet, gives_each_a_turn_to_lead) {
    ValidatorSet set = Validators::make_set(3);
    EXPECT_EQ(set.leader(View(1)), 1);
    EXPECT_EQ(set.leader(View(2)), 2);
    EXPECT_EQ(set.leader(View(3)), 0);
}

}  // namespace
}  // namespace ashlar::consensus
