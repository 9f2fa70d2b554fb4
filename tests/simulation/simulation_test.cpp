// Every scenario from fixed seeds; seeds that once failed stay here.
#include "simulation/scenarios.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ashlar::simulation {
namespace {

class Scenario : public ::testing::TestWithParam<Plan> {};

TEST_P(Scenario, keeps_every_invariant) {
    constexpr std::uint64_t kSeeds = 1;
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        SCOPED_TRACE("replay with: build/bin/ashlar_simulate --scenario " + GetParam().name +
                     " --seed " + std::to_string(seed) + " --runs 1");
        Report report = simulate(GetParam(), seed);
        EXPECT_EQ(report.violation, "");
        EXPECT_GT(report.height, 0U);
        EXPECT_GT(report.acknowledged, 0U);
    }
}

std::string test_name(const ::testing::TestParamInfo<Plan>& info) {
    std::string name = info.param.name;
    for (char& character : name) {
        if (character == '-' || character == '+') character = '_';
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(All, Scenario, ::testing::ValuesIn(scenarios()), test_name);

TEST(Simulation, gives_the_same_events_for_the_same_seed) {
    for (const char* name : {"all-well", "cuts-and-crashes", "epochs-crash-without-end"}) {
        const Plan& plan = *find_scenario(name);
        Report first = simulate(plan, 7);
        Report second = simulate(plan, 7);
        EXPECT_EQ(first.hash, second.hash) << name;
        EXPECT_EQ(first.events, second.events) << name;
        EXPECT_NE(first.hash, simulate(plan, 8).hash) << name;
    }
}

// Runs that once broke an invariant.
TEST(Simulation, keeps_what_it_learned) {
    struct {
        const char* scenario;
        std::uint64_t seed;
    } runs[] = {
        {"epochs-cuts-and-crashes", 5004},  // two that were behind asked only each other
    };
    for (const auto& run : runs) {
        EXPECT_EQ(simulate(*find_scenario(run.scenario), run.seed).violation, "") << run.scenario;
    }
}

// Three hops, and a durable write of the proposal, of the notarize and of the finalize.
TEST(Simulation, finality_takes_little_more_than_three_delays_and_three_writes) {
    const Plan& plan = *find_scenario("fifty-far-apart");
    Report report = simulate(plan, 3);
    ASSERT_EQ(report.violation, "");
    ASSERT_FALSE(report.finality_us.empty());
    std::sort(report.finality_us.begin(), report.finality_us.end());
    const TimeUs median = report.finality_us[report.finality_us.size() / 2];
    const TimeUs writes = 3 * 2 * plan.sync_us;  // at the slowest
    EXPECT_GE(median, 3 * plan.links.latency_us);
    EXPECT_LE(median, plan.links.latency_us * 32 / 10 + writes);
}

}  // namespace
}  // namespace ashlar::simulation
