#include "native/node/housekeeper.h"

#include <gtest/gtest.h>

#include <thread>

#include "node_world.h"

namespace ashlar::node {
namespace {

constexpr const char* kMain = "refs/heads/main";
constexpr std::uint64_t kDayMs = 24 * 3600 * 1000;

// Pushes a line of commits, one pack each, onto main.
std::vector<TestCommit> push_line(Node& node, int count, std::string_view name = "line") {
    std::vector<TestCommit> commits;
    for (int i = 0; i < count; ++i) {
        const std::optional<git::ObjectId> parent =
            commits.empty() ? std::nullopt : std::optional(commits.back().id);
        commits.push_back(make_commit(std::string(name) + std::to_string(i), parent));
        EXPECT_TRUE(
            done(push(node, {update(kMain, parent.value_or(git::ObjectId{}), commits.back().id)},
                      commits.back().pack)));
    }
    return commits;
}

HousekeepingReport keep_house(Node& node) {
    const auto report = node.housekeeper().run_once();
    EXPECT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->failed_repositories, 0u) << report->first_failure->message();
    return *report;
}

std::size_t pack_count(Node& node) {
    return node.packs().list()->size();
}

TEST(Housekeeper, merges_small_packs_and_nothing_is_lost) {
    NodeWorld world(1);
    const auto node = world.start_well();
    create_repository(*node);
    const auto commits = push_line(*node, 12);
    ASSERT_EQ(pack_count(*node), 12u);
    EXPECT_EQ(keep_house(*node).merged_packs, 12u);
    EXPECT_EQ(pack_count(*node), 1u);
    EXPECT_EQ(open_hello(*node).packs->pack_count(), 1u);
    EXPECT_TRUE(read_everything(*node));
    EXPECT_EQ(ref_of(*node, kMain), commits.back().id);
    // And again there is nothing to do.
    EXPECT_EQ(keep_house(*node).merged_packs, 0u);
    const TestCommit next = make_commit("next", commits.back().id);
    EXPECT_TRUE(done(push(*node, {update(kMain, commits.back().id, next.id)}, next.pack)));
    EXPECT_TRUE(read_everything(*node));
}

TEST(Housekeeper, among_several_validators_keeps_for_a_while_what_it_replaced) {
    NodeWorld world(11);
    world.options().unattached_ms = 3'600'000;
    auto node = world.start_well();
    create_repository(*node);
    push_line(*node, 12);
    const auto before = *node->packs().list();
    EXPECT_EQ(keep_house(*node).merged_packs, 12u);
    EXPECT_EQ(pack_count(*node), 13u);
    node.reset();
    world.options().unattached_ms = 50;
    node = world.start_well();
    EXPECT_EQ(pack_count(*node), 13u);
    // What somebody asks about stays again.
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_TRUE(*node->hold_pack(before.front()));
    for (int i = 0; i < 1'000 && pack_count(*node) > 1; ++i) {
        keep_house(*node);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(pack_count(*node), 1u);
    EXPECT_FALSE(*node->hold_pack(before.front()));
    EXPECT_TRUE(read_everything(*node));
}

TEST(Housekeeper, keeps_what_is_held_for_as_long_as_it_is) {
    NodeWorld world(12);
    world.options().unattached_ms = 1;
    const auto node = world.start_well();
    create_repository(*node);
    push_line(*node, 12);
    const auto before = *node->packs().list();
    auto held = *node->hold_pack(before.front());
    ASSERT_TRUE(held);
    EXPECT_EQ(keep_house(*node).merged_packs, 12u);
    for (int i = 0; i < 1'000 && pack_count(*node) > 2; ++i) {
        keep_house(*node);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(pack_count(*node), 2u);
    EXPECT_TRUE(*node->packs().contains(before.front()));
    held.reset();
    for (int i = 0; i < 1'000 && pack_count(*node) > 1; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        keep_house(*node);
    }
    EXPECT_EQ(pack_count(*node), 1u);
    EXPECT_FALSE(*node->packs().contains(before.front()));
}

TEST(Housekeeper, who_reads_old_packs_goes_on_reading_them) {
    NodeWorld world(2);
    const auto node = world.start_well();
    create_repository(*node);
    const auto commits = push_line(*node, 10);
    const RepositoryView view = open_hello(*node);
    EXPECT_EQ(keep_house(*node).merged_packs, 10u);
    EXPECT_EQ(view.packs->pack_count(), 10u);
    const auto objects = view.objects();
    for (const TestCommit& commit : commits) {
        EXPECT_TRUE(objects->read(commit.blob, git::kObjectSizeMaxDefault));
    }
}

TEST(Housekeeper, can_die_at_any_step) {
    bool reached_the_end = false;
    for (std::uint64_t step = 1; !reached_the_end; ++step) {
        ASSERT_LT(step, 200u);
        SCOPED_TRACE("seed " + std::to_string(step) + ", crash at step " + std::to_string(step));
        NodeWorld world(step);
        git::ObjectId tip;
        {
            const auto node = world.start_well();
            create_repository(*node);
            tip = push_line(*node, 8).back().id;
            world.machine().plan().crash_at(step);
            static_cast<void>(node->housekeeper().run_once());
            reached_the_end = !world.machine().plan().crashed();
        }
        world.machine().restart();
        const auto node = world.start_well();
        ASSERT_TRUE(node);
        EXPECT_EQ(ref_of(*node, kMain), tip);
        const auto read = read_everything(*node);
        EXPECT_TRUE(read) << read.error().message();
        EXPECT_EQ(open_hello(*node).packs->pack_count(), pack_count(*node));
        keep_house(*node);
        EXPECT_EQ(pack_count(*node), 1u);
        EXPECT_TRUE(read_everything(*node));
    }
}

TEST(Housekeeper, drops_what_no_ref_reaches_after_the_time_of_grace) {
    NodeWorld world(3);
    const auto node = world.start_well();
    create_repository(*node);
    const TestCommit lost = make_commit("lost");
    const TestCommit kept = make_commit("kept");
    ASSERT_TRUE(done(push(*node, {update(kMain, {}, lost.id)}, lost.pack)));
    ASSERT_TRUE(done(push(*node, {update(kMain, lost.id, kept.id)}, kept.pack)));
    world.clock().advance(kDayMs);
    EXPECT_EQ(keep_house(*node).dropped_objects, 0u);
    EXPECT_TRUE(open_hello(*node).repository.may_hold_unreachable);
    EXPECT_TRUE(*open_hello(*node).objects()->contains(lost.id));
    world.clock().advance(14 * kDayMs);
    EXPECT_EQ(keep_house(*node).dropped_objects, 3u);
    const RepositoryView view = open_hello(*node);
    EXPECT_FALSE(view.repository.may_hold_unreachable);
    EXPECT_FALSE(*view.objects()->contains(lost.id));
    EXPECT_FALSE(*view.objects()->contains(lost.blob));
    EXPECT_TRUE(read_everything(*node));
    EXPECT_EQ(pack_count(*node), 1u);
}

TEST(Housekeeper, knows_a_repository_to_be_clean_until_a_push_leaves_something_behind) {
    NodeWorld world(4);
    const auto node = world.start_well();
    create_repository(*node);
    const TestCommit commit = make_commit("one");
    ASSERT_TRUE(
        done(push(*node, {update(kMain, {}, commit.id), update("refs/heads/second", {}, commit.id)},
                  commit.pack)));
    ASSERT_TRUE(done(push(*node, {update("refs/heads/second", commit.id, {})}, {})));
    EXPECT_TRUE(open_hello(*node).repository.may_hold_unreachable);
    world.clock().advance(60'000);
    EXPECT_EQ(keep_house(*node).clean_repositories, 1u);
    EXPECT_FALSE(open_hello(*node).repository.may_hold_unreachable);
    EXPECT_EQ(keep_house(*node).clean_repositories, 0u);
    const TestCommit other = make_commit("other");
    ASSERT_TRUE(done(push(*node, {update(kMain, commit.id, other.id)}, other.pack)));
    EXPECT_TRUE(open_hello(*node).repository.may_hold_unreachable);
}

TEST(Housekeeper, removes_everything_of_a_repository_without_refs) {
    NodeWorld world(5);
    const auto node = world.start_well();
    create_repository(*node);
    const TestCommit commit = make_commit("one");
    ASSERT_TRUE(done(push(*node, {update(kMain, {}, commit.id)}, commit.pack)));
    ASSERT_TRUE(done(push(*node, {update(kMain, commit.id, {})}, {})));
    world.clock().advance(20 * kDayMs);
    EXPECT_EQ(keep_house(*node).dropped_objects, 3u);
    EXPECT_EQ(pack_count(*node), 0u);
    ASSERT_TRUE(done(push(*node, {update(kMain, {}, commit.id)}, commit.pack)));
    EXPECT_TRUE(read_everything(*node));
}

TEST(Housekeeper, removes_the_packs_of_a_deleted_repository) {
    NodeWorld world(6);
    const auto node = world.start_well();
    create_repository(*node);
    push_line(*node, 3);
    forge::DeleteRepository action;
    action.repository = open_hello(*node).repository.id;
    ASSERT_TRUE(node->submit_and_wait(administrator(*node), action));
    EXPECT_EQ(pack_count(*node), 3u);
    keep_house(*node);
    EXPECT_EQ(pack_count(*node), 0u);
}

TEST(Housekeeper, works_beside_pushes_and_reads) {
    NodeWorld world(7);
    const auto node = world.start_well();
    create_repository(*node);
    std::atomic<bool> finished = false;
    std::thread housekeeper([&] {
        while (!finished) keep_house(*node);
    });
    std::thread reader([&] {
        while (!finished) {
            const auto read = read_everything(*node);
            EXPECT_TRUE(read) << read.error().message();
        }
    });
    push_line(*node, 60);
    finished = true;
    housekeeper.join();
    reader.join();
    keep_house(*node);
    EXPECT_TRUE(read_everything(*node));
    EXPECT_LE(pack_count(*node), 6u);
    EXPECT_TRUE(world.failures().empty());
}

TEST(Housekeeper, looks_after_a_repository_that_has_come_to_rest) {
    NodeWorld world(9);
    world.options().housekeeping.interval_ms = 3'600'000;
    world.options().housekeeping.rest_ms = 1;
    const auto node = world.start_well();
    create_repository(*node);
    push_line(*node, 12);
    while (pack_count(*node) > 6) std::this_thread::yield();
    EXPECT_TRUE(read_everything(*node));
}

TEST(Housekeeper, starts_rounds_by_itself_and_stops_with_the_node) {
    NodeWorld world(8);
    world.options().housekeeping.interval_ms = 1;
    world.options().housekeeping.busy_percent_max = 50;
    const auto node = world.start_well();
    create_repository(*node);
    push_line(*node, 12);
    while (pack_count(*node) > 6) std::this_thread::yield();
    EXPECT_TRUE(read_everything(*node));
}

}  // namespace
}  // namespace ashlar::node
