#include "native/node/node.h"

#include <gtest/gtest.h>

#include "ledger/storage_keys.h"
#include "node_world.h"

namespace ashlar::node {
namespace {

TEST(Node, begins_with_an_administrator_and_nothing_else) {
    NodeWorld world(1);
    const auto node = world.start_well();
    EXPECT_TRUE(administrator(*node).account.site_administrator);
    EXPECT_EQ(node->authenticate("ash_wrong").error().code, ErrorCode::unauthenticated);
    EXPECT_EQ(node->authenticate("").error().code, ErrorCode::unauthenticated);
    EXPECT_EQ(node->state()->head()->height.value, 0u);
    EXPECT_EQ(node->open_repository(forge::Viewer::anonymous(), "admin", "hello",
                                    forge::RepositoryAction::read)
                  .error()
                  .code,
              ErrorCode::not_found);
}

TEST(Node, a_read_after_a_receipt_sees_what_it_says) {
    NodeWorld world(2);
    const auto node = world.start_well();
    for (int i = 0; i < 20; ++i) {
        const std::string name = "r" + std::to_string(i);
        create_repository(*node, name);
        EXPECT_TRUE(node->open_repository(forge::Viewer::anonymous(), "admin", name,
                                          forge::RepositoryAction::read));
    }
}

TEST(Node, a_view_does_not_change_while_it_is_held) {
    NodeWorld world(3);
    const auto node = world.start_well();
    create_repository(*node);
    const TestCommit first = make_commit("first");
    ASSERT_TRUE(done(push(*node, {update("refs/heads/main", {}, first.id)}, first.pack)));
    const RepositoryView view = open_hello(*node);
    const TestCommit second = make_commit("second", first.id);
    ASSERT_TRUE(done(push(*node, {update("refs/heads/main", first.id, second.id)}, second.pack)));
    EXPECT_EQ((*view.refs->find("refs/heads/main"))->id, first.id);
    EXPECT_FALSE(*view.objects()->contains(second.id));
    EXPECT_EQ(open_hello(*node).packs->pack_count(), 2u);
}

TEST(Node, reads_a_repository_once_for_each_state) {
    NodeWorld world(13);
    const auto node = world.start_well();
    create_repository(*node);
    const RepositoryView view = open_hello(*node);
    EXPECT_EQ(open_hello(*node).refs, view.refs);
    const TestCommit first = make_commit("first");
    ASSERT_TRUE(done(push(*node, {update("refs/heads/main", {}, first.id)}, first.pack)));
    EXPECT_NE(open_hello(*node).refs, view.refs);
    EXPECT_EQ(ref_of(*node, "refs/heads/main"), first.id);
}

TEST(Node, what_it_has_read_for_one_it_gives_only_to_whoever_may_see_it) {
    NodeWorld world(14);
    const auto node = world.start_well();
    const Author author = administrator(*node);
    forge::CreateRepository hidden;
    hidden.owner = author.account.id;
    hidden.name = "hello";
    hidden.visibility = forge::Visibility::visible_to_members;
    ASSERT_TRUE(node->submit_and_wait(author, hidden));
    open_hello(*node);
    const auto refused = node->open_repository(forge::Viewer::anonymous(), "admin", "hello",
                                               forge::RepositoryAction::read);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::not_found);
}

TEST(Node, refuses_the_store_of_another_network) {
    NodeWorld world(4);
    world.start_well();
    world.genesis().network_name = "other";
    const auto refused = world.start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    EXPECT_NE(refused.error().detail.find("genesis.json"), std::string::npos);
}

TEST(Node, does_not_start_on_a_state_that_its_head_does_not_name) {
    NodeWorld world(5);
    {
        const auto node = world.start_well();
        create_repository(*node);
    }
    // Somebody turns the state tree's first page into that of an empty tree.
    WriteBatch batch;
    ASSERT_TRUE(world.machine().rows().scan_prefix(as_bytes(ledger::storage_prefix::kStateTree),
                                                   [&batch](ByteView key, ByteView) {
                                                       batch.remove(key);
                                                       return true;
                                                   }));
    ASSERT_TRUE(world.machine().rows().commit(batch, Durability::synced));
    const auto refused = world.start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
}

TEST(Node, does_not_start_without_the_certificate_of_its_head) {
    NodeWorld world(6);
    {
        const auto node = world.start_well();
        create_repository(*node);
    }
    WriteBatch batch;
    ASSERT_TRUE(world.machine().rows().scan_prefix(as_bytes(ledger::storage_prefix::kCertificate),
                                                   [&batch](ByteView key, ByteView) {
                                                       batch.remove(key);
                                                       return true;
                                                   }));
    ASSERT_FALSE(batch.empty());
    ASSERT_TRUE(world.machine().rows().commit(batch, Durability::synced));
    const auto refused = world.start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::corrupt);
}

TEST(Node, a_block_that_cannot_be_stored_ends_it) {
    NodeWorld world(7);
    const auto node = world.start_well();
    const Author author = administrator(*node);
    forge::CreateRepository action;
    action.owner = author.account.id;
    action.name = "hello";
    world.machine().plan().fail_at(1);
    const auto receipt = node->submit_and_wait(author, action);
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().code, ErrorCode::unavailable);
    ASSERT_EQ(world.failures().size(), 1u);
    // It takes nothing any more, though the disk works again.
    EXPECT_FALSE(node->submit_and_wait(author, action));
    EXPECT_EQ(node->state()->head()->height.value, 0u);
}

TEST(Node, a_token_of_which_the_time_is_over_speaks_for_nobody) {
    NodeWorld world(8);
    const auto node = world.start_well();
    const Author author = administrator(*node);
    forge::CreateToken token;
    token.account = author.account.id;
    token.name = "short";
    token.scopes = forge::ScopeSet::all();
    token.expires_ms = world.clock().now_ms() + 100'000;
    const auto made = node->create_token(author, token);
    ASSERT_TRUE(made) << made.error().message();
    EXPECT_TRUE(node->authenticate(made->secret));
    world.clock().advance(200'000);
    EXPECT_EQ(node->authenticate(made->secret).error().code, ErrorCode::unauthenticated);
}

}  // namespace
}  // namespace ashlar::node
