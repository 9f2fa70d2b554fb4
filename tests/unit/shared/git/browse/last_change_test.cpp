#include "git/browse/last_change.h"

#include <gtest/gtest.h>

#include "support/memory_repository.h"

namespace ashlar::git::browse {
namespace {

std::string described(MemoryRepository& world, const ObjectId& tip, std::string_view path,
                      const LastChangeLimits& limits = {}) {
    auto changes = find_last_changes(world.objects, tip, path, limits);
    if (!changes) return changes.error().message();
    std::string text;
    for (const auto& [name, index] : changes->by_name) {
        text.append(name).append("=").append(changes->commits[index].view.subject()).append(" ");
    }
    return text + (changes->complete ? "complete" : "cut");
}

TEST(LastChange, names_the_commit_of_each_entry) {
    MemoryRepository world;
    world.commit_on("main", {{"a", {"1"}}, {"d/x", {"1"}}, {"d/y", {"1"}}}, "one");
    world.commit_on("main", {{"a", {"2"}}, {"d/x", {"1"}}, {"d/y", {"1"}}}, "two");
    ObjectId tip = world.commit_on(
        "main", {{"a", {"2"}}, {"d/x", {"2"}}, {"d/y", {"1"}}, {"n", {""}}}, "three");
    EXPECT_EQ(described(world, tip, ""), "a=two d=three n=three complete");
    EXPECT_EQ(described(world, tip, "d"), "x=three y=one complete");
}

TEST(LastChange, follows_the_side_of_a_merge_that_brought_the_entry) {
    MemoryRepository world;
    ObjectId root = world.commit({{"a", {"1"}}, {"b", {"1"}}}, {}, "root");
    ObjectId left = world.commit({{"a", {"2"}}, {"b", {"1"}}}, {root}, "left");
    ObjectId right = world.commit({{"a", {"1"}}, {"b", {"2"}}}, {root}, "right");
    ObjectId tip = world.commit({{"a", {"2"}}, {"b", {"2"}}}, {left, right}, "merge");
    EXPECT_EQ(described(world, tip, ""), "a=left b=right complete");
}

TEST(LastChange, names_the_merge_where_neither_side_has_the_entry) {
    MemoryRepository world;
    ObjectId root = world.commit({{"a", {"1"}}}, {}, "root");
    ObjectId left = world.commit({{"a", {"2"}}}, {root}, "left");
    ObjectId right = world.commit({{"a", {"3"}}}, {root}, "right");
    ObjectId tip = world.commit({{"a", {"4"}}}, {left, right}, "merge");
    EXPECT_EQ(described(world, tip, ""), "a=merge complete");
}

TEST(LastChange, sees_a_change_of_mode_and_of_kind) {
    MemoryRepository world;
    world.commit_on("main", {{"a", {"1"}}, {"b/c", {"1"}}}, "one");
    ObjectId tip = world.commit_on("main", {{"a", {"1", kModeExecutable}}, {"b", {"1"}}}, "two");
    EXPECT_EQ(described(world, tip, ""), "a=two b=two complete");
}

TEST(LastChange, says_that_it_gave_up) {
    MemoryRepository world;
    world.commit_on("main", {{"old", {"1"}}}, "first");
    ObjectId tip;
    for (int i = 0; i < 20; ++i) {
        tip = world.commit_on("main", {{"old", {"1"}}, {"new", {std::to_string(i)}}}, "later");
    }
    LastChangeLimits limits;
    limits.commits_max = 10;
    EXPECT_EQ(described(world, tip, "", limits), "new=later cut");
    EXPECT_EQ(described(world, tip, ""), "new=later old=first complete");
}

TEST(LastChange, of_a_deep_folder_reads_a_bounded_number_of_objects) {
    MemoryRepository world;
    std::string folder = "d";
    for (int i = 0; i < 100; ++i) folder.append("/d");
    ObjectId tip;
    for (int i = 0; i < 50; ++i) {
        tip =
            world.commit_on("main", {{folder + "/f", {"1"}}, {"b", {std::to_string(i)}}}, "other");
    }
    LastChangeLimits limits;
    limits.objects_max = 1'000;
    world.objects.read_count = 0;
    EXPECT_EQ(described(world, tip, folder, limits), "cut");
    EXPECT_LT(world.objects.read_count, 1'500U);
}

TEST(LastChange, of_a_folder_that_is_not_there_is_nothing) {
    MemoryRepository world;
    ObjectId tip = world.commit_on("main", {{"a", {"1"}}}, "one");
    EXPECT_EQ(described(world, tip, "gone"), "complete");
    EXPECT_EQ(described(world, tip, "a"), "complete");
}

}  // namespace
}  // namespace ashlar::git::browse
