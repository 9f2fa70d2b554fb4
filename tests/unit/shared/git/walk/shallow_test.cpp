#include "git/walk/shallow.h"

#include <gtest/gtest.h>

#include "support/memory_objects.h"

namespace ashlar::git {
namespace {

// c1 <- c2 <- c3 <- c4, ten seconds apart, and side: c1 <- side, merged in c4.
struct History {
    MemoryObjects objects;
    ObjectId tree = objects.tree({});
    ObjectId c1 = objects.commit(tree, {}, 10, "1");
    ObjectId c2 = objects.commit(tree, {c1}, 20, "2");
    ObjectId c3 = objects.commit(tree, {c2}, 30, "3");
    ObjectId side = objects.commit(tree, {c1}, 35, "side");
    ObjectId c4 = objects.commit(tree, {c3, side}, 40, "4");
    CommitGraph graph{objects};

    ShallowChange change(ShallowRequest request) {
        Expected<ShallowChange> changed = shallow_change(graph, request);
        EXPECT_TRUE(changed) << changed.error().message();
        return changed ? *changed : ShallowChange{};
    }
};

using Ids = std::vector<ObjectId>;

TEST(Shallow, depth_counts_from_the_wants) {
    History at;
    EXPECT_EQ(at.change({.wants = {at.c4}, .depth = 1}).shallows, Ids{at.c4});
    EXPECT_EQ(at.change({.wants = {at.c4}, .depth = 2}).shallows, (Ids{at.c3, at.side}));
    EXPECT_EQ(at.change({.wants = {at.c4}, .depth = 3}).shallows, (Ids{at.c2, at.c1}));
    EXPECT_EQ(at.change({.wants = {at.c4}, .depth = 9}).shallows, Ids{});
}

TEST(Shallow, depth_is_the_least_over_all_wants) {
    History at;
    EXPECT_EQ(at.change({.wants = {at.c4, at.c3}, .depth = 2}).shallows, (Ids{at.side, at.c2}));
}

TEST(Shallow, deepening_unshallows_and_wants_the_parents) {
    History at;
    ShallowChange change =
        at.change({.wants = {at.c4}, .client_shallows = {at.c3, at.side}, .depth = 3});
    EXPECT_EQ(change.shallows, (Ids{at.c2, at.c1}));
    EXPECT_EQ(change.unshallows, (Ids{at.c3, at.side}));
    EXPECT_EQ(change.wants, (Ids{at.c2, at.c1}));
    EXPECT_EQ(change.cuts, (Ids{at.c3, at.side, at.c2, at.c1}));
}

TEST(Shallow, does_not_tell_again_what_the_client_said) {
    History at;
    ShallowChange change =
        at.change({.wants = {at.c4}, .client_shallows = {at.c3, at.side}, .depth = 2});
    EXPECT_EQ(change.shallows, Ids{});
    EXPECT_EQ(change.unshallows, Ids{});
}

TEST(Shallow, relative_depth_counts_from_the_clients_history) {
    History at;
    ShallowChange change = at.change(
        {.wants = {at.c4}, .client_shallows = {at.c3}, .depth = 1, .depth_is_relative = true});
    EXPECT_EQ(change.unshallows, Ids{at.c3});
    EXPECT_EQ(change.shallows, Ids{at.c2});
}

TEST(Shallow, infinite_depth_cuts_nothing) {
    History at;
    ShallowChange change =
        at.change({.wants = {at.c4}, .client_shallows = {at.c2}, .depth = kDepthInfinite});
    EXPECT_EQ(change.shallows, Ids{});
    EXPECT_EQ(change.unshallows, Ids{at.c2});
    EXPECT_EQ(change.wants, Ids{at.c1});
}

TEST(Shallow, since_keeps_what_is_not_older) {
    History at;
    ShallowChange change = at.change({.wants = {at.c4}, .since_seconds = 30});
    EXPECT_EQ(change.shallows, (Ids{at.side, at.c3}));
    EXPECT_EQ(shallow_change(at.graph, {.wants = {at.c4}, .since_seconds = 41}).error().detail,
              "no commits selected for shallow requests");
}

TEST(Shallow, excluded_history_is_cut_off) {
    History at;
    EXPECT_EQ(at.change({.wants = {at.c4}, .excluded = {at.c2}}).shallows, (Ids{at.side, at.c3}));
}

TEST(Shallow, a_fetch_into_a_shallow_clone_keeps_its_cuts) {
    History at;
    ShallowChange change = at.change({.wants = {at.c4}, .client_shallows = {at.c2}});
    EXPECT_EQ(change.cuts, Ids{at.c2});
    EXPECT_EQ(change.wants, Ids{});
}

}  // namespace
}  // namespace ashlar::git
