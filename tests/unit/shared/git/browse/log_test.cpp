#include "git/browse/log.h"

#include <gtest/gtest.h>

#include "support/memory_repository.h"

namespace ashlar::git::browse {
namespace {

constexpr std::size_t kCommitsMax = 1'000;
constexpr std::size_t kObjectsMax = 100'000;

std::string subjects(const LogPage& page) {
    std::string text;
    for (const Commit& commit : page.commits) {
        text.append(text.empty() ? "" : " ").append(commit.view.subject());
    }
    return text;
}

LogPage read(MemoryRepository& world, const LogCursor& from, std::string_view path,
             std::size_t count_max) {
    auto page = read_log(world.objects, from, path, {count_max, kCommitsMax, kObjectsMax});
    EXPECT_TRUE(page) << page.error().message();
    return page ? std::move(*page) : LogPage{};
}

// All pages, one after the other, as somebody who clicks through them sees them.
std::string all_pages(MemoryRepository& world, const ObjectId& tip, std::string_view path,
                      std::size_t per_page) {
    std::string text;
    std::optional<LogCursor> cursor = LogCursor{{tip}, 0};
    for (int pages = 0; cursor && pages < 10'000; ++pages) {
        LogPage page = read(world, *cursor, path, per_page);
        if (!page.commits.empty()) text.append(text.empty() ? "" : " ").append(subjects(page));
        cursor = page.next;
    }
    return text;
}

TEST(Log, shows_the_latest_first_and_ends) {
    MemoryRepository world;
    world.commit_on("main", {{"a", {"1"}}}, "one");
    world.commit_on("main", {{"a", {"2"}}}, "two");
    ObjectId tip = world.commit_on("main", {{"a", {"3"}}}, "three");
    LogPage page = read(world, {{tip}, 0}, "", 10);
    EXPECT_EQ(subjects(page), "three two one");
    EXPECT_FALSE(page.next);
    EXPECT_FALSE(page.gave_up);
}

TEST(Log, shows_each_commit_once_over_all_pages) {
    MemoryRepository world;
    ObjectId root = world.commit({}, {}, "root");
    std::string expected = "root";
    ObjectId tip = root;
    for (int i = 0; i < 40; ++i) {
        std::string number = std::to_string(i);
        ObjectId left = world.commit({{"l", {number}}}, {tip}, "l" + number);
        ObjectId right = world.commit({{"r", {number}}}, {tip}, "r" + number);
        tip = world.commit({{"m", {number}}}, {left, right}, "m" + number);
        expected = "m" + number + " r" + number + " l" + number + " " + expected;
    }
    EXPECT_EQ(all_pages(world, tip, "", 1000), expected);
    for (std::size_t per_page : {1, 2, 3, 7}) {
        EXPECT_EQ(all_pages(world, tip, "", per_page), expected) << per_page;
    }
}

TEST(Log, pages_through_history_wider_than_a_cursor) {
    MemoryRepository world;
    ObjectId root = world.commit({}, {}, "root");
    std::vector<ObjectId> parents;
    std::string expected = "root";
    for (std::size_t i = 0; i < 2 * kLogFrontierMax; ++i) {
        std::string name = "p" + std::to_string(i);
        parents.push_back(world.commit({{name, {"x"}}}, {root}, name));
        expected = name + " " + expected;
    }
    ObjectId tip = world.commit({}, parents, "octopus");
    EXPECT_EQ(all_pages(world, tip, "", 5), "octopus " + expected);
}

TEST(Log, of_a_path_shows_only_what_changed_it) {
    MemoryRepository world;
    world.commit_on("main", {{"a", {"1"}}, {"d/b", {"1"}}}, "both");
    world.commit_on("main", {{"a", {"2"}}, {"d/b", {"1"}}}, "only-a");
    world.commit_on("main", {{"a", {"2"}}, {"d/b", {"2"}}}, "only-b");
    ObjectId tip = world.commit_on("main", {{"a", {"2"}}}, "without-b");
    EXPECT_EQ(all_pages(world, tip, "a", 10), "only-a both");
    EXPECT_EQ(all_pages(world, tip, "d/b", 10), "without-b only-b both");
    EXPECT_EQ(all_pages(world, tip, "d", 1), "without-b only-b both");
    EXPECT_EQ(all_pages(world, tip, "never", 10), "");
}

TEST(Log, of_a_path_leaves_out_the_side_of_a_merge_that_did_not_matter) {
    MemoryRepository world;
    ObjectId root = world.commit({{"a", {"1"}}}, {}, "root");
    ObjectId side = world.commit({{"a", {"1"}}, {"b", {"1"}}}, {root}, "side");
    ObjectId main = world.commit({{"a", {"2"}}}, {root}, "main");
    ObjectId tip = world.commit({{"a", {"2"}}, {"b", {"1"}}}, {main, side}, "merge");
    EXPECT_EQ(all_pages(world, tip, "a", 10), "main root");
    EXPECT_EQ(all_pages(world, tip, "b", 10), "side");
}

TEST(Log, of_a_path_gives_up_after_a_bounded_walk_and_goes_on_from_there) {
    MemoryRepository world;
    ObjectId tip = world.commit({{"a", {"1"}}}, {}, "first");
    for (std::size_t i = 0; i < kCommitsMax + 10; ++i) {
        tip = world.commit({{"a", {"1"}}, {"b", {std::to_string(i)}}}, {tip}, "other");
    }
    LogPage page = read(world, {{tip}, 0}, "a", 5);
    EXPECT_TRUE(page.gave_up);
    EXPECT_TRUE(page.commits.empty());
    ASSERT_TRUE(page.next);
    EXPECT_EQ(subjects(read(world, *page.next, "a", 5)), "first");
}

TEST(Log, of_a_deep_path_gives_up_after_a_bounded_number_of_reads) {
    MemoryRepository world;
    std::string path = "f";
    for (int i = 0; i < 100; ++i) path.insert(0, "d/");
    ObjectId tip = world.commit({{path, {"1"}}}, {}, "first");
    for (int i = 0; i < 50; ++i) {
        tip = world.commit({{path, {"1"}}, {"b", {std::to_string(i)}}}, {tip}, "other");
    }
    world.objects.read_count = 0;
    auto page = read_log(world.objects, {{tip}, 0}, path, {5, 1'000, 1'000});
    ASSERT_TRUE(page);
    EXPECT_TRUE(page->gave_up);
    EXPECT_LT(world.objects.read_count, 1'300U);
    EXPECT_TRUE(page->next);
}

TEST(Log, refuses_cursors_beyond_its_limits) {
    MemoryRepository world;
    std::vector<ObjectId> many(kLogFrontierMax + 1);
    EXPECT_EQ(read_log(world.objects, {many, 0}, "", {}).error().code, ErrorCode::limit_exceeded);
    EXPECT_EQ(read_log(world.objects, {{}, kLogSkipMax + 1}, "", {}).error().code,
              ErrorCode::limit_exceeded);
}

TEST(Log, ends_in_a_loop_of_clocks_and_reports_missing_data) {
    MemoryRepository world;
    ObjectId old = world.commit({}, {}, "child-is-older");
    world.clock_s -= 100'000;
    ObjectId tip = world.commit({}, {old}, "tip");
    EXPECT_EQ(all_pages(world, tip, "", 1), "tip child-is-older");
    world.objects.remove(old);
    world.objects.missing_code = ErrorCode::needs_data;
    EXPECT_EQ(read_log(world.objects, {{tip}, 0}, "", {}).error().code, ErrorCode::needs_data);
}

}  // namespace
}  // namespace ashlar::git::browse
