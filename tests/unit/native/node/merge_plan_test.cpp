#include "native/node/merge_plan.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/fault_plan.h"

namespace ashlar::node {
namespace {

std::vector<MergeCandidate> packs_of(const std::vector<std::uint64_t>& counts) {
    std::vector<MergeCandidate> packs;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        packs.push_back({i + 1, counts[i], counts[i] * 100});
    }
    return packs;
}

MergeLimits none_left_alone() {
    MergeLimits limits;
    limits.packs_max = 0;
    return limits;
}

using Sequences = std::vector<std::uint64_t>;

TEST(MergePlan, leaves_few_packs_alone) {
    MergeLimits limits;
    limits.packs_max = 3;
    EXPECT_EQ(plan_merge(packs_of({1, 1, 1}), limits), Sequences{});
    EXPECT_EQ(plan_merge(packs_of({1, 1, 1, 1}), limits), (Sequences{1, 2, 3, 4}));
}

TEST(MergePlan, leaves_a_geometric_progression_alone) {
    EXPECT_EQ(plan_merge(packs_of({8, 1, 4, 2}), none_left_alone()), Sequences{});
    EXPECT_EQ(plan_merge(packs_of({}), none_left_alone()), Sequences{});
    EXPECT_EQ(plan_merge(packs_of({5}), none_left_alone()), Sequences{});
}

TEST(MergePlan, merges_the_small_ones_and_leaves_the_large_one) {
    EXPECT_EQ(plan_merge(packs_of({100'000, 3, 3, 3}), none_left_alone()), (Sequences{2, 3, 4}));
}

TEST(MergePlan, takes_in_what_would_not_be_twice_the_result) {
    EXPECT_EQ(plan_merge(packs_of({100, 60, 60}), none_left_alone()), (Sequences{1, 2, 3}));
}

TEST(MergePlan, keeps_within_what_one_merge_may_write) {
    MergeLimits limits = none_left_alone();
    limits.objects_max = 8;
    EXPECT_EQ(plan_merge(packs_of({3, 3, 3, 3}), limits), (Sequences{1, 2}));
    limits = none_left_alone();
    limits.bytes_max = 650;
    EXPECT_EQ(plan_merge(packs_of({3, 3, 3, 3}), limits), (Sequences{1, 2}));
    limits.bytes_max = 100;
    EXPECT_EQ(plan_merge(packs_of({3, 3, 3, 3}), limits), Sequences{});
}

TEST(MergePlan, leaves_each_pack_twice_as_large_as_all_smaller_ones) {
    support::FaultPlan random(31);
    for (int round = 0; round < 500; ++round) {
        SCOPED_TRACE("round " + std::to_string(round));
        std::vector<std::uint64_t> counts;
        for (std::uint64_t i = random.random_below(30); i > 0; --i) {
            counts.push_back(1 + random.random_below(std::uint64_t{1} << random.random_below(15)));
        }
        const auto chosen = plan_merge(packs_of(counts), none_left_alone());
        std::vector<std::uint64_t> left;
        std::uint64_t merged = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) {
            if (std::binary_search(chosen.begin(), chosen.end(), i + 1)) {
                merged += counts[i];
            } else {
                left.push_back(counts[i]);
            }
        }
        if (merged > 0) left.push_back(merged);
        std::sort(left.begin(), left.end());
        for (std::size_t i = 1; i < left.size(); ++i) EXPECT_GE(left[i], 2 * left[i - 1]);
    }
}

}  // namespace
}  // namespace ashlar::node
