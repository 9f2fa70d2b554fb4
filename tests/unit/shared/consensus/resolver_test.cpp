#include "consensus/resolver.h"

#include <gtest/gtest.h>

#include "unit/shared/consensus/fixture.h"

namespace ashlar::consensus {
namespace {

using testing::Validators;

TEST(Resolver, asks_the_named_one_first_and_then_the_others) {
    std::vector<PublicKey> peers = Validators::make_set(3).keys();
    Resolver resolver(10, 100);
    resolver.want(Want::certificate(View(5)), peers[2], 0);
    EXPECT_TRUE(resolver.due(9, peers).empty());
    auto first = resolver.due(10, peers);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].first, peers[2]);
    EXPECT_EQ(resolver.next_at(), 110U);
    EXPECT_TRUE(resolver.due(109, peers).empty());
    std::vector<PublicKey> asked;
    for (TimeUs now : {110U, 210U, 310U}) {
        auto again = resolver.due(now, peers);
        ASSERT_EQ(again.size(), 1U);
        asked.push_back(again[0].first);
    }
    std::sort(asked.begin(), asked.end());
    EXPECT_EQ(asked, peers);
}

// As many wants as peers: each want still has to reach every peer.
TEST(Resolver, asks_everybody_for_everything) {
    std::vector<PublicKey> peers = Validators::make_set(5).keys();
    Resolver resolver(0, 100);
    for (std::uint64_t view = 1; view <= peers.size(); ++view) {
        resolver.want(Want::certificate(View(view)), std::nullopt, 0);
    }
    std::map<Want, std::vector<PublicKey>> asked;
    for (TimeUs now = 0; now < 500; now += 100) {
        for (const auto& request : resolver.due(now, peers)) {
            asked[request.second].push_back(request.first);
        }
    }
    EXPECT_EQ(asked.size(), peers.size());
    for (auto& want : asked) {
        std::sort(want.second.begin(), want.second.end());
        EXPECT_EQ(want.second, peers);
    }
}

TEST(Resolver, drops_what_is_no_longer_wanted) {
    Resolver resolver(0, 100);
    resolver.want(Want::certificate(View(5)), std::nullopt, 0);
    resolver.want(Want::certificate(View(6)), std::nullopt, 0);
    resolver.begin();
    resolver.want(Want::certificate(View(6)), std::nullopt, 0);
    resolver.end();
    EXPECT_FALSE(resolver.wants(Want::certificate(View(5))));
    EXPECT_TRUE(resolver.wants(Want::certificate(View(6))));
}

TEST(Resolver, wants_no_more_than_its_limit) {
    Resolver resolver(0, 100);
    for (std::uint64_t view = 1; view <= kWantsMax + 1; ++view) {
        resolver.want(Want::certificate(View(view)), std::nullopt, 0);
    }
    EXPECT_TRUE(resolver.wants(Want::certificate(View(kWantsMax))));
    EXPECT_FALSE(resolver.wants(Want::certificate(View(kWantsMax + 1))));
}

TEST(Resolver, waits_while_there_is_nobody_to_ask) {
    Resolver resolver(0, 100);
    resolver.want(Want::certificate(View(5)), std::nullopt, 0);
    EXPECT_TRUE(resolver.due(0, {}).empty());
    EXPECT_EQ(resolver.next_at(), 100U);
}

}  // namespace
}  // namespace ashlar::consensus
