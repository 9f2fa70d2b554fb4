#include "git/browse/resolve.h"

#include <gtest/gtest.h>

#include "support/memory_repository.h"

namespace ashlar::git::browse {
namespace {

class Resolve : public testing::Test {
  protected:
    std::string resolved(std::string_view text) {
        auto location = resolve(world.refs, world.objects, text, unreachable);
        if (!location) return location.error().message();
        return location->revision.name + " | " + location->path + " | " +
               (location->revision.commit == first ? "first" : "second");
    }

    Unreachable unreachable = Unreachable::none;
    MemoryRepository world;
    ObjectId first = world.commit_on("main", {{"a", {"1"}}}, "first");
    ObjectId second = world.commit({{"a", {"2"}}}, {first}, "second");
};

TEST_F(Resolve, takes_a_branch_and_leaves_the_path) {
    EXPECT_EQ(resolved("main"), "main |  | first");
    EXPECT_EQ(resolved("main/src/a.cpp"), "main | src/a.cpp | first");
    EXPECT_EQ(resolved("main//src///a.cpp/"), "main | src/a.cpp | first");
}

TEST_F(Resolve, lets_the_longest_name_win) {
    world.refs.set("refs/tags/main/src", second);
    EXPECT_EQ(resolved("main/src/a.cpp"), "main/src | a.cpp | second");
    EXPECT_EQ(resolved("main/other"), "main | other | first");
}

TEST_F(Resolve, lets_a_branch_stand_before_a_tag_which_its_full_name_still_finds) {
    world.refs.set("refs/tags/main", second);
    EXPECT_EQ(resolved("main/x"), "main | x | first");
    EXPECT_EQ(resolved("refs/tags/main/x"), "refs/tags/main | x | second");
    EXPECT_EQ(resolved("refs/heads/main/x"), "refs/heads/main | x | first");
}

TEST_F(Resolve, peels_tags_of_tags) {
    ObjectId inner = world.objects.tag(second, ObjectType::commit, "inner");
    world.refs.set("refs/tags/v1", world.objects.tag(inner, ObjectType::tag, "v1"));
    EXPECT_EQ(resolved("v1/a"), "v1 | a | second");
}

TEST_F(Resolve, gives_up_on_tags_without_end) {
    ObjectId id = second;
    ObjectType type = ObjectType::commit;
    for (std::size_t i = 0; i <= 2 * 32; ++i) {
        id = world.objects.tag(id, type, "deep");
        type = ObjectType::tag;
    }
    world.refs.set("refs/tags/deep", id);
    EXPECT_TRUE(resolved("deep").starts_with("limit_exceeded: more than 32 tags of tags"));
}

TEST_F(Resolve, finds_commits_by_full_and_short_ids) {
    std::string hex = second.hex();
    EXPECT_EQ(resolved(hex + "/a"), hex + " | a | second");
    EXPECT_EQ(resolved(hex.substr(0, 8)), hex + " |  | second");
    EXPECT_EQ(resolved(hex.substr(0, 3)),
              "not_found: no branch, tag or commit is called " + hex.substr(0, 3));
}

TEST_F(Resolve, lets_no_branch_stand_in_a_permalinks_way) {
    world.refs.set("refs/heads/" + second.hex(), first);
    EXPECT_EQ(resolved(second.hex()), second.hex() + " |  | second");
}

TEST_F(Resolve, refuses_what_is_no_commit) {
    ObjectId blob = world.objects.blob("x");
    world.refs.set("refs/tags/blob", blob);
    EXPECT_EQ(resolved("blob"), "invalid: refs/tags/blob names a blob, not a commit");
    EXPECT_TRUE(resolved(blob.hex()).starts_with("not_found"));
    EXPECT_TRUE(resolved("gone/x").starts_with("not_found"));
    EXPECT_TRUE(resolved("").starts_with("not_found"));
}

TEST_F(Resolve, looks_at_a_bounded_number_of_parts) {
    std::string deep = "main";
    for (int i = 0; i < 5000; ++i) deep.append("/d");
    EXPECT_TRUE(resolved(deep).starts_with("main | d/d"));
}

TEST_F(Resolve, follows_head_and_says_where_it_is_unborn) {
    EXPECT_EQ(resolved("HEAD/a"), "main | a | first");
    world.refs.head = "refs/heads/other";
    auto head = resolve_head(world.refs, world.objects);
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().code, ErrorCode::not_found);
}

TEST_F(Resolve, shows_no_commit_that_refs_left_behind) {
    unreachable = Unreachable::may_be_held;
    EXPECT_TRUE(resolved(second.hex()).starts_with("not_found"));
    EXPECT_TRUE(resolved(second.hex().substr(0, 12)).starts_with("not_found"));
    EXPECT_TRUE(resolved(first.hex()).starts_with(first.hex()));
    EXPECT_EQ(check_reachable(world.refs, world.objects, {first, second}, unreachable).error().code,
              ErrorCode::not_found);
    world.refs.set("refs/notes/x", second);
    EXPECT_TRUE(resolved(second.hex()).starts_with(second.hex()));
}

TEST_F(Resolve, reports_what_a_host_has_to_fetch) {
    world.objects.remove(first);
    world.objects.missing_code = ErrorCode::needs_data;
    EXPECT_TRUE(resolved("main").starts_with("needs_data"));
}

}  // namespace
}  // namespace ashlar::git::browse
