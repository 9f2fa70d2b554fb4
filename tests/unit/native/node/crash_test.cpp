// A machine that stops at every step of a push in turn: what was acknowledged is there afterwards,
// what was not is there whole or not at all, and nothing else is left.
#include <gtest/gtest.h>

#include "node_world.h"

namespace ashlar::node {
namespace {

constexpr std::uint64_t kStepsMax = 500;

struct CrashCase {
    std::uint64_t seed;
    std::size_t file_size;  // of the pushed file; packs of 1 MiB and more are files
};

class Crash : public ::testing::TestWithParam<CrashCase> {};

void expect_only_attached_packs(Node& node) {
    const auto view = open_hello(node);
    const auto attached = view.state->packs(view.repository.id);
    const auto stored = node.packs().list();
    ASSERT_TRUE(attached && stored);
    EXPECT_EQ(stored->size(), attached->size());
}

TEST_P(Crash, at_any_step_of_a_push_keeps_what_was_acknowledged) {
    const TestCommit first = make_commit("first");
    const TestCommit second = make_commit(random_text(1, GetParam().file_size), first.id);
    const TestCommit third = make_commit("third", second.id);
    bool reached_the_end = false;
    for (std::uint64_t step = 1; !reached_the_end; ++step) {
        ASSERT_LT(step, kStepsMax);
        const std::uint64_t seed = GetParam().seed * kStepsMax + step;
        SCOPED_TRACE("seed " + std::to_string(seed) + ", crash at step " + std::to_string(step));
        NodeWorld world(seed);
        bool acknowledged = false;
        {
            const auto node = world.start_well();
            create_repository(*node);
            ASSERT_TRUE(done(push(*node, {update("refs/heads/main", {}, first.id)}, first.pack)));
            world.machine().plan().crash_at(step);
            acknowledged =
                done(push(*node, {update("refs/heads/main", first.id, second.id)}, second.pack));
            reached_the_end = !world.machine().plan().crashed();
        }
        world.machine().restart();
        const auto node = world.start_well();
        ASSERT_TRUE(node);
        const git::ObjectId found = ref_of(*node, "refs/heads/main");
        EXPECT_TRUE(found == second.id || (!acknowledged && found == first.id)) << found.hex();
        const auto read = read_everything(*node);
        EXPECT_TRUE(read) << read.error().message();
        expect_only_attached_packs(*node);
        // And it goes on.
        if (found == first.id) {
            EXPECT_TRUE(
                done(push(*node, {update("refs/heads/main", first.id, second.id)}, second.pack)));
        }
        EXPECT_TRUE(
            done(push(*node, {update("refs/heads/main", second.id, third.id)}, third.pack)));
        EXPECT_TRUE(read_everything(*node));
    }
}

TEST_P(Crash, at_any_step_of_the_first_start_leaves_a_folder_that_starts) {
    for (std::uint64_t step = 1; step < 12; ++step) {
        const std::uint64_t seed = GetParam().seed * kStepsMax + step;
        SCOPED_TRACE("seed " + std::to_string(seed) + ", crash at step " + std::to_string(step));
        NodeWorld world(seed);
        world.machine().plan().crash_at(step);
        static_cast<void>(world.start());
        world.machine().restart();
        const auto node = world.start_well();
        ASSERT_TRUE(node);
        create_repository(*node);
    }
}

INSTANTIATE_TEST_SUITE_P(Pushes, Crash,
                         ::testing::Values(CrashCase{1, 100}, CrashCase{2, 100},
                                           CrashCase{3, std::size_t{3} << 20},
                                           CrashCase{4, std::size_t{3} << 20}));

TEST(Restart, again_and_again_loses_nothing) {
    NodeWorld world(77);
    std::optional<git::ObjectId> last;
    for (int round = 0; round < 20; ++round) {
        const auto node = world.start_well();
        ASSERT_TRUE(node);
        if (round == 0) create_repository(*node);
        const TestCommit commit = make_commit("round " + std::to_string(round), last);
        ASSERT_EQ(ref_of(*node, "refs/heads/main"), last.value_or(git::ObjectId{}));
        ASSERT_TRUE(
            done(push(*node, {update("refs/heads/main", last.value_or(git::ObjectId{}), commit.id)},
                      commit.pack)));
        last = commit.id;
        world.machine().restart();
    }
    EXPECT_TRUE(world.failures().empty());
}

}  // namespace
}  // namespace ashlar::node
