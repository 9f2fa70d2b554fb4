#include <gtest/gtest.h>

#include <set>

#include "git/pack/pack_graph.h"
#include "git/walk/clone_selection.h"
#include "native/node/housekeeper.h"
#include "node_world.h"
#include "support/pack_builder.h"

namespace ashlar::node {
namespace {

constexpr const char* kMain = "refs/heads/main";
constexpr std::size_t kLarge = std::size_t{3} << 19;  // such a pack is a file

NodeOptions with_graphs(NodeOptions options) {
    options.housekeeping.graph_objects_min = 3;
    return options;
}

// The objects of several packs of make_commit() as one.
Bytes join_packs(const std::vector<TestCommit>& commits) {
    constexpr std::uint32_t kObjectsEach = 3;
    git::PackBuilder builder;
    for (const TestCommit& commit : commits) {
        const ByteView pack = commit.pack;
        builder.add_bytes(pack.subspan(git::kPackHeaderSize,
                                       pack.size() - git::kPackHeaderSize - git::kPackTrailerSize));
    }
    builder.claim_count(kObjectsEach * static_cast<std::uint32_t>(commits.size()));
    return builder.build();
}

// What a clone of the ids would get.
std::set<git::ObjectId> cloned(const RepositoryView& view,
                               const std::vector<git::ObjectId>& wants) {
    const git::CloneRequest request{wants, nullptr, false, git::Unreachable::may_be_held};
    const auto selection = git::select_for_clone(view.packs, *view.refs, request);
    EXPECT_TRUE(selection) << selection.error().message();
    const auto ids = git::ids_of(*view.packs, **selection);
    return {ids->begin(), ids->end()};
}

std::set<git::ObjectId> objects_of(const std::vector<TestCommit>& commits) {
    std::set<git::ObjectId> ids;
    for (const TestCommit& commit : commits) ids.insert({commit.id, commit.tree, commit.blob});
    return ids;
}

TEST(HousekeeperGraph, is_made_of_a_large_pack_once_and_found_after_a_restart) {
    NodeWorld world(1);
    world.options() = with_graphs(world.options());
    const TestCommit first = make_commit(random_text(1, kLarge));
    const TestCommit second = make_commit("two", first.id);
    {
        const auto node = world.start_well();
        create_repository(*node);
        ASSERT_TRUE(done(push(*node, {update(kMain, {}, first.id)}, first.pack)));
        EXPECT_FALSE(open_hello(*node).packs->has_graph());
        EXPECT_EQ(node->housekeeper().run_once()->made_graphs, 1u);
        EXPECT_TRUE(open_hello(*node).packs->has_graph());
        EXPECT_EQ(node->housekeeper().run_once()->made_graphs, 0u);
        ASSERT_TRUE(done(push(*node, {update(kMain, first.id, second.id)}, second.pack)));
    }
    world.machine().restart();
    const auto node = world.start_well();
    const RepositoryView view = open_hello(*node);
    EXPECT_TRUE(view.packs->has_graph());
    EXPECT_EQ(cloned(view, {second.id}), objects_of({first, second}));
    EXPECT_EQ(cloned(view, {first.id}), objects_of({first}));
}

TEST(HousekeeperGraph, is_made_after_packs_that_name_each_others_objects_became_one) {
    NodeWorld world(2);
    world.options() = with_graphs(world.options());
    const auto node = world.start_well();
    create_repository(*node);
    const TestCommit first = make_commit("one");
    const TestCommit second = make_commit(random_text(2, kLarge), first.id);
    const TestCommit third = make_commit("three", second.id);
    ASSERT_TRUE(done(push(*node, {update(kMain, {}, first.id)}, first.pack)));
    ASSERT_TRUE(
        done(push(*node, {update(kMain, first.id, third.id)}, join_packs({second, third}))));
    const auto report = node->housekeeper().run_once();
    ASSERT_TRUE(report);
    EXPECT_EQ(report->failed_repositories, 0u);
    EXPECT_EQ(report->merged_packs, 2u);
    EXPECT_EQ(report->made_graphs, 1u);
    const RepositoryView view = open_hello(*node);
    EXPECT_EQ(view.packs->pack_count(), 1u);
    EXPECT_TRUE(view.packs->has_graph());
    EXPECT_EQ(cloned(view, {third.id}), objects_of({first, second, third}));
    EXPECT_TRUE(read_everything(*node));
}

TEST(HousekeeperGraph, never_brings_back_what_a_forced_push_left_behind) {
    NodeWorld world(3);
    world.options() = with_graphs(world.options());
    const auto node = world.start_well();
    create_repository(*node);
    const TestCommit kept = make_commit(random_text(3, kLarge));
    const TestCommit lost = make_commit("lost", kept.id);
    const TestCommit next = make_commit("next", kept.id);
    ASSERT_TRUE(done(push(*node, {update(kMain, {}, lost.id)}, join_packs({kept, lost}))));
    ASSERT_TRUE(node->housekeeper().run_once());
    ASSERT_TRUE(done(push(*node, {update(kMain, lost.id, next.id)}, next.pack)));
    ASSERT_TRUE(node->housekeeper().run_once());
    const RepositoryView view = open_hello(*node);
    EXPECT_TRUE(view.packs->has_graph());
    EXPECT_TRUE(view.repository.may_hold_unreachable);
    EXPECT_EQ(cloned(view, {next.id}), objects_of({kept, next}));
    world.clock().advance(std::uint64_t{20} * 24 * 3600 * 1000);
    EXPECT_EQ(node->housekeeper().run_once()->dropped_objects, 3u);
    EXPECT_FALSE(*open_hello(*node).packs->contains(lost.id));
    EXPECT_EQ(cloned(open_hello(*node), {next.id}), objects_of({kept, next}));
}

TEST(HousekeeperGraph, can_die_while_it_is_made) {
    bool reached_the_end = false;
    for (std::uint64_t step = 1; !reached_the_end; ++step) {
        ASSERT_LT(step, 200u);
        SCOPED_TRACE("seed " + std::to_string(step) + ", crash at step " + std::to_string(step));
        NodeWorld world(step);
        world.options() = with_graphs(world.options());
        const TestCommit first = make_commit("one");
        const TestCommit second = make_commit(random_text(step, kLarge), first.id);
        const TestCommit third = make_commit("three", second.id);
        {
            const auto node = world.start_well();
            create_repository(*node);
            ASSERT_TRUE(done(push(*node, {update(kMain, {}, first.id)}, first.pack)));
            ASSERT_TRUE(done(
                push(*node, {update(kMain, first.id, third.id)}, join_packs({second, third}))));
            world.machine().plan().crash_at(step);
            static_cast<void>(node->housekeeper().run_once());
            reached_the_end = !world.machine().plan().crashed();
        }
        world.machine().restart();
        const auto node = world.start_well();
        ASSERT_TRUE(node);
        EXPECT_TRUE(read_everything(*node));
        EXPECT_EQ(cloned(open_hello(*node), {third.id}), objects_of({first, second, third}));
        ASSERT_TRUE(node->housekeeper().run_once());
        EXPECT_TRUE(open_hello(*node).packs->has_graph());
        EXPECT_EQ(cloned(open_hello(*node), {third.id}), objects_of({first, second, third}));
    }
}

}  // namespace
}  // namespace ashlar::node
