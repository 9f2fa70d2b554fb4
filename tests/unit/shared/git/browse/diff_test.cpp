#include "git/browse/diff.h"

#include <gtest/gtest.h>

#include "support/memory_repository.h"

namespace ashlar::git::browse {
namespace {

class DiffTest : public testing::Test {
  protected:
    Diff diff(const MemoryFiles& before, const MemoryFiles& after) {
        auto result = diff_trees(world.objects, world.tree(before), world.tree(after), limits);
        EXPECT_TRUE(result) << result.error().message();
        return result ? std::move(*result) : Diff{};
    }

    // "M a +1 -1; A b +1 -0"
    static std::string summary(const Diff& diff) {
        std::string text;
        for (const FileDiff& file : diff.files) {
            const auto& [before, after] = file.change;
            if (!text.empty()) text.append("; ");
            text.append(!before ? "A " : !after ? "D " : file.similarity > 0 ? "R " : "M ");
            if (file.similarity > 0) text.append(before->path).append(">");
            text.append(after ? after->path : before->path);
            text.append(" +").append(std::to_string(file.added));
            text.append(" -").append(std::to_string(file.deleted));
        }
        return text;
    }

    static std::string lines(const FileDiff& file) {
        std::string text;
        for (const DiffHunk& hunk : file.hunks) {
            text.append(hunk.header).append("\n");
            for (const DiffLine& line : hunk.lines) {
                text.push_back(" +-"[static_cast<int>(line.kind)]);
                text.append(line.text).append(line.without_newline ? "$\n" : "\n");
            }
        }
        return text;
    }

    static std::string numbered(int first, int last) {
        std::string text;
        for (int i = first; i <= last; ++i) text.append("line ").append(std::to_string(i)) += "\n";
        return text;
    }

    MemoryRepository world;
    DiffLimits limits;
};

TEST_F(DiffTest, lists_files_in_the_order_of_their_paths) {
    EXPECT_EQ(summary(diff({{"b", {"1\n"}}, {"d/x", {"1\n"}}, {"same", {"s"}}},
                           {{"a", {"n\n"}}, {"b", {"2\n"}}, {"d.txt", {"q\n"}}, {"same", {"s"}}})),
              "A a +1 -0; M b +1 -1; A d.txt +1 -0; D d/x +0 -1");
}

TEST_F(DiffTest, shows_lines_with_their_numbers_and_context) {
    Diff result =
        diff({{"f", {numbered(1, 9)}}}, {{"f", {numbered(1, 4) + "changed\n" + numbered(6, 9)}}});
    ASSERT_EQ(result.files.size(), 1U);
    EXPECT_EQ(
        lines(result.files[0]),
        "@@ -2,7 +2,7 @@ line 1\n line 2\n line 3\n line 4\n-line 5\n+changed\n line 6\n line 7\n"
        " line 8\n");
    const DiffLine& added = result.files[0].hunks[0].lines[4];
    EXPECT_EQ(added.new_number, 5U);
    EXPECT_EQ(added.old_number, 0U);
    EXPECT_EQ(result.added, 1U);
    EXPECT_EQ(result.deleted, 1U);
}

TEST_F(DiffTest, says_which_line_ends_without_a_line_feed) {
    EXPECT_EQ(lines(diff({{"f", {"a\nb"}}}, {{"f", {"a\nb\n"}}}).files[0]),
              "@@ -1,2 +1,2 @@\n a\n-b$\n+b\n");
}

TEST_F(DiffTest, finds_renames_without_and_with_changes) {
    EXPECT_EQ(summary(diff({{"old", {numbered(1, 50)}}}, {{"new", {numbered(1, 50)}}})),
              "R old>new +0 -0");
    EXPECT_EQ(summary(diff({{"old", {numbered(1, 50)}}, {"x", {"other\n"}}},
                           {{"dir/new", {numbered(1, 49)}}, {"x", {"other\n"}}})),
              "R old>dir/new +0 -1");
    EXPECT_EQ(summary(diff({{"old", {numbered(1, 50)}}}, {{"new", {"nothing alike\n"}}})),
              "A new +1 -0; D old +0 -50");
}

TEST_F(DiffTest, gives_each_deleted_file_to_one_added_file) {
    Diff result =
        diff({{"old", {numbered(1, 50)}}}, {{"a", {numbered(1, 50)}}, {"b", {numbered(1, 50)}}});
    EXPECT_EQ(summary(result), "R old>a +0 -0; A b +50 -0");
}

TEST_F(DiffTest, knows_binaries_submodules_and_modes) {
    std::string id(40, 'a');
    Diff result = diff({{"bin", {std::string("\0a", 2)}}, {"m", {"x", kModeBlob}}},
                       {{"bin", {std::string("\0b", 2)}},
                        {"m", {"x", kModeExecutable}},
                        {"sub", {id, kModeGitlink}}});
    ASSERT_EQ(result.files.size(), 3U);
    EXPECT_EQ(result.files[0].omission, DiffOmission::binary);
    EXPECT_EQ(result.files[1].omission, DiffOmission::none);
    EXPECT_TRUE(result.files[1].hunks.empty());
    EXPECT_EQ(result.files[2].omission, DiffOmission::submodule);
}

TEST_F(DiffTest, treats_a_file_that_became_a_folder_as_both) {
    EXPECT_EQ(summary(diff({{"a", {"1\n"}}}, {{"a/b", {"completely\nother\n"}}})),
              "D a +0 -1; A a/b +2 -0");
}

TEST_F(DiffTest, keeps_to_its_limits_and_says_so) {
    limits.file_bytes_max = 100;
    EXPECT_EQ(diff({}, {{"f", {numbered(1, 100)}}}).files[0].omission, DiffOmission::too_large);
    limits = {};
    limits.file_lines_max = 10;
    Diff cut = diff({}, {{"f", {numbered(1, 100)}}});
    EXPECT_EQ(cut.files[0].omission, DiffOmission::too_long);
    EXPECT_EQ(cut.files[0].hunks[0].lines.size(), 10U);
    EXPECT_EQ(cut.files[0].added, 100U);
    limits = {};
    limits.lines_max = 150;
    Diff much = diff({}, {{"a", {numbered(1, 100)}}, {"b", {numbered(2, 102)}}, {"c", {"x\n"}}});
    EXPECT_EQ(much.files[0].omission, DiffOmission::none);
    EXPECT_EQ(much.files[1].omission, DiffOmission::too_much);
    EXPECT_EQ(much.files[2].omission, DiffOmission::too_much);
    limits = {};
    limits.compared_bytes_max = 1'000;
    Diff compared = diff({}, {{"a", {numbered(1, 200)}}, {"b", {"x\n"}}});
    EXPECT_EQ(compared.files[0].omission, DiffOmission::none);
    EXPECT_EQ(compared.files[1].omission, DiffOmission::too_much);
    limits = {};
    limits.trees.changes_max = 2;
    Diff files = diff({}, {{"a", {"1"}}, {"b", {"2"}}, {"c", {"3"}}});
    EXPECT_TRUE(files.files_cut);
    EXPECT_EQ(files.files.size(), 2U);
}

TEST_F(DiffTest, survives_trees_that_unfold_without_end) {
    ObjectId tree = world.tree({{"f", {"x\n"}}});
    for (int depth = 0; depth < 12; ++depth) {
        std::vector<MemoryObjects::Entry> entries;
        for (char name = 'a'; name <= 'j'; ++name) {
            entries.push_back({kModeTree, std::string(1, name), tree});
        }
        tree = world.objects.tree(entries);
    }
    auto result = diff_trees(world.objects, std::nullopt, tree, limits);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->files_cut);
    EXPECT_EQ(result->files.size(), limits.trees.changes_max);
}

TEST_F(DiffTest, survives_empty_trees_that_unfold_without_end) {
    ObjectId tree = world.objects.tree({});
    for (int depth = 0; depth < 12; ++depth) {
        std::vector<MemoryObjects::Entry> entries;
        for (char name = 'a'; name <= 'j'; ++name) {
            entries.push_back({kModeTree, std::string(1, name), tree});
        }
        tree = world.objects.tree(entries);
    }
    auto result = diff_trees(world.objects, std::nullopt, tree, limits);
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->files_cut);
}

TEST_F(DiffTest, reports_missing_data) {
    ObjectId before = world.tree({{"f", {"1\n"}}});
    ObjectId after = world.tree({{"f", {"2\n"}}});
    world.objects.remove(world.objects.blob("2\n"));
    world.objects.missing_code = ErrorCode::needs_data;
    auto result = diff_trees(world.objects, before, after, limits);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::needs_data);
}

}  // namespace
}  // namespace ashlar::git::browse
