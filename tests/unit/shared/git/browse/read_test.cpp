#include "git/browse/read.h"

#include <gtest/gtest.h>

#include "support/memory_repository.h"

namespace ashlar::git::browse {
namespace {

TEST(FindPath, follows_folders_and_says_nothing_of_what_is_not_there) {
    MemoryRepository world;
    ObjectId root = world.tree({{"a/b/c.txt", {"x"}}, {"link", {"a", kModeSymlink}}});
    auto file = find_path(world.objects, root, "a/b/c.txt").value();
    ASSERT_TRUE(file);
    EXPECT_EQ(file->mode, kModeBlob);
    EXPECT_TRUE(find_path(world.objects, root, "").value()->is_tree());
    EXPECT_TRUE(find_path(world.objects, root, "link").value()->is_symlink());
    EXPECT_FALSE(find_path(world.objects, root, "a/x").value());
    EXPECT_FALSE(find_path(world.objects, root, "a/b/c.txt/d").value());
    EXPECT_FALSE(find_path(world.objects, root, "link/b").value());
}

TEST(FindPath, goes_a_thousand_folders_deep) {
    MemoryRepository world;
    ObjectId id = world.tree({{"f", {"x"}}});
    std::string path = "f";
    for (int i = 0; i < 1000; ++i) {
        id = world.objects.tree({{kModeTree, "d", id}});
        path.insert(0, "d/");
    }
    EXPECT_TRUE(find_path(world.objects, id, path).value());
}

TEST(ReadCommit, refuses_other_types_and_broken_objects) {
    MemoryRepository world;
    EXPECT_EQ(read_commit(world.objects, world.objects.blob("x")).error().code, ErrorCode::invalid);
    EXPECT_EQ(read_commit(world.objects, world.objects.add(ObjectType::commit, "x")).error().code,
              ErrorCode::invalid);
    EXPECT_EQ(read_commit(world.objects, ObjectId{}).error().code, ErrorCode::not_found);
}

TEST(Binary, is_what_has_a_nul_byte_near_its_start) {
    EXPECT_FALSE(looks_binary(as_bytes("text \xff\x01")));
    EXPECT_TRUE(looks_binary(as_bytes(std::string_view("a\0b", 3))));
    EXPECT_FALSE(looks_binary({}));
    EXPECT_FALSE(looks_binary(as_bytes(std::string(8000, 'a') + std::string(1, '\0'))));
}

TEST(Readme, prefers_markdown_and_is_a_file) {
    MemoryRepository world;
    ObjectId blob = world.objects.blob("x");
    auto found = [&](const std::vector<MemoryObjects::Entry>& entries) {
        Tree tree = read_entries(world.objects, world.objects.tree(entries)).value();
        const TreeEntryView* entry = find_readme(tree.entries);
        return entry == nullptr ? std::string("none") : std::string(entry->name);
    };
    EXPECT_EQ(found({{kModeBlob, "README", blob}, {kModeBlob, "ReadMe.MD", blob}}), "ReadMe.MD");
    EXPECT_EQ(found({{kModeBlob, "readme.txt", blob}, {kModeBlob, "src", blob}}), "readme.txt");
    EXPECT_EQ(found({{kModeSymlink, "README.md", blob}}), "none");
    EXPECT_EQ(found({{kModeTree, "README", world.objects.tree({})}}), "none");
    EXPECT_EQ(found({{kModeBlob, "README.md.bak", blob}}), "none");
}

}  // namespace
}  // namespace ashlar::git::browse
