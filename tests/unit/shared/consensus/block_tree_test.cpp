#include "consensus/block_tree.h"

#include <gtest/gtest.h>

#include "unit/shared/consensus/fixture.h"

namespace ashlar::consensus {
namespace {

using testing::block_named;

BlockSummary summary(std::string_view name, std::string_view parent, std::uint64_t height) {
    return {block_named(name), block_named(parent), Epoch(0), Height(height), std::nullopt};
}

TEST(BlockTree, finds_the_way_to_the_root_or_what_is_missing_on_it) {
    BlockTree tree;
    tree.add({}, summary("c", "b", 3), View(3));
    auto path = tree.path(block_named("c"), block_named("root"), Height(0));
    EXPECT_EQ(path.missing, block_named("b"));
    tree.add({}, summary("b", "a", 2), View(2));
    tree.add({}, summary("a", "root", 1), View(1));
    path = tree.path(block_named("c"), block_named("root"), Height(0));
    EXPECT_TRUE(path.reaches_root);
    EXPECT_EQ(path.digests,
              (std::vector<BlockDigest>{block_named("c"), block_named("b"), block_named("a")}));
}

TEST(BlockTree, does_not_follow_a_chain_that_lies_about_its_heights) {
    BlockTree tree;
    tree.add({}, summary("a", "b", 5), View(1));
    tree.add({}, summary("b", "a", 5), View(1));
    EXPECT_FALSE(tree.path(block_named("a"), block_named("root"), Height(0)).reaches_root);
    tree.add({}, summary("low", "elsewhere", 3), View(1));
    auto path = tree.path(block_named("low"), block_named("root"), Height(3));
    EXPECT_FALSE(path.reaches_root);
    EXPECT_FALSE(path.missing);
}

TEST(BlockTree, forgets_what_can_be_final_no_more) {
    BlockTree tree;
    tree.add({}, summary("final", "root", 1), View(3));
    tree.add({}, summary("rival", "root", 1), View(2));
    tree.add({}, summary("dead", "rival", 2), View(2));
    tree.add({}, summary("child", "final", 2), View(4));
    tree.prune(Height(1), View(3));
    EXPECT_EQ(tree.size(), 1U);
    EXPECT_NE(tree.find(block_named("child")), nullptr);
}

}  // namespace
}  // namespace ashlar::consensus
