#include "native/node/push.h"

#include <gtest/gtest.h>

#include <thread>

#include "node_world.h"
#include "support/pack_builder.h"

namespace ashlar::node {
namespace {

constexpr const char* kMain = "refs/heads/main";

class PushTest : public ::testing::Test {
  protected:
    PushTest() : node_(world_.start_well()) { create_repository(*node_); }

    std::size_t pack_count() { return node_->packs().list()->size(); }
    static std::string refusal(const PushResult& result, std::size_t index = 0) {
        return result.outcomes.at(index).refusal.value_or("(done)");
    }
    static Bytes empty_pack() { return git::PackBuilder().build(); }

    NodeWorld world_{1};
    std::unique_ptr<Node> node_;
};

TEST_F(PushTest, is_read_back) {
    const TestCommit commit = make_commit("hello");
    const PushResult result = push(*node_, {update(kMain, {}, commit.id)}, commit.pack);
    EXPECT_TRUE(done(result)) << refusal(result);
    EXPECT_EQ(result.object_count, 3u);
    EXPECT_EQ(ref_of(*node_, kMain), commit.id);
    EXPECT_EQ(*read_everything(*node_), 1u);
    EXPECT_EQ(open_hello(*node_).repository.may_hold_unreachable, false);
}

TEST_F(PushTest, of_a_stale_ref_leaves_nothing) {
    const TestCommit first = make_commit("first");
    const TestCommit other = make_commit("other");
    ASSERT_TRUE(done(push(*node_, {update(kMain, {}, first.id)}, first.pack)));
    const PushResult result = push(*node_, {update(kMain, {}, other.id)}, other.pack);
    EXPECT_NE(refusal(result).find("fetch first"), std::string::npos) << refusal(result);
    EXPECT_EQ(pack_count(), 1u);
    EXPECT_EQ(open_hello(*node_).objects()->contains(other.id), Expected<bool>(false));
    EXPECT_TRUE(world_.machine().files()->paths().empty());
}

TEST_F(PushTest, that_is_not_connected_leaves_nothing) {
    const TestCommit lost = make_commit("lost");
    const TestCommit child = make_commit("child", lost.id);
    const PushResult result = push(*node_, {update(kMain, {}, child.id)}, child.pack);
    EXPECT_NE(refusal(result).find("missing necessary objects"), std::string::npos)
        << refusal(result);
    EXPECT_NE(refusal(result).find(lost.id.hex()), std::string::npos) << refusal(result);
    EXPECT_EQ(pack_count(), 0u);
    EXPECT_TRUE(ref_of(*node_, kMain).is_null());
}

TEST_F(PushTest, of_an_object_that_is_nowhere_is_refused) {
    const TestCommit commit = make_commit("hello");
    const PushResult result = push(*node_, {update(kMain, {}, commit.id)}, empty_pack());
    EXPECT_NE(refusal(result).find("is missing"), std::string::npos) << refusal(result);
}

TEST_F(PushTest, of_a_corrupt_pack_is_refused_as_a_whole) {
    TestCommit commit = make_commit("hello");
    commit.pack[commit.pack.size() - 1] ^= 1;
    const PushResult result = push(*node_, {update(kMain, {}, commit.id)}, commit.pack);
    ASSERT_TRUE(result.unpack_failure);
    EXPECT_EQ(result.unpack_failure->code, ErrorCode::invalid);
    EXPECT_EQ(refusal(result), "unpacker error");
    EXPECT_EQ(pack_count(), 0u);
}

TEST_F(PushTest, without_its_pack_is_refused) {
    const PushResult result = push(*node_, {update(kMain, {}, make_commit("hello").id)}, {});
    EXPECT_TRUE(result.unpack_failure);
}

TEST_F(PushTest, creates_a_second_branch_without_objects) {
    const TestCommit commit = make_commit("hello");
    ASSERT_TRUE(done(push(*node_, {update(kMain, {}, commit.id)}, commit.pack)));
    ASSERT_TRUE(done(push(*node_, {update("refs/heads/next", {}, commit.id)}, empty_pack())));
    EXPECT_EQ(pack_count(), 1u);
    EXPECT_EQ(*read_everything(*node_), 2u);
}

TEST_F(PushTest, takes_no_thin_pack_where_its_base_could_be_unreachable) {
    const TestCommit first = make_commit("first");
    const TestCommit lost = make_commit("the secret", first.id);
    ASSERT_TRUE(done(push(*node_, {update(kMain, {}, first.id)}, first.pack)));
    ASSERT_TRUE(done(push(*node_, {update(kMain, first.id, lost.id)}, lost.pack)));
    git::PackBuilder thin;
    thin.add_reference_delta(lost.blob,
                             git::DeltaBuilder(10, 15).copy(0, 10).insert(" more").bytes());
    // As long as everything is reachable, whoever pushes may read the base.
    ASSERT_TRUE(done(push(*node_, {update("refs/heads/a", {}, first.id)}, thin.build())));
    ASSERT_TRUE(done(push(*node_, {update(kMain, lost.id, first.id)}, empty_pack())));
    const PushResult result = push(*node_, {update("refs/heads/b", {}, first.id)}, thin.build());
    ASSERT_TRUE(result.unpack_failure);
    EXPECT_NE(result.unpack_failure->detail.find("--no-thin"), std::string::npos)
        << result.unpack_failure->detail;
    EXPECT_TRUE(ref_of(*node_, "refs/heads/b").is_null());
}

TEST_F(PushTest, deletes_a_ref_without_a_pack) {
    const TestCommit commit = make_commit("hello");
    ASSERT_TRUE(done(push(*node_, {update(kMain, {}, commit.id)}, commit.pack)));
    ASSERT_TRUE(done(push(*node_, {update(kMain, commit.id, {})}, {})));
    EXPECT_TRUE(ref_of(*node_, kMain).is_null());
    EXPECT_TRUE(open_hello(*node_).repository.may_hold_unreachable);
}

TEST_F(PushTest, that_rewinds_says_so) {
    const TestCommit first = make_commit("first");
    const TestCommit second = make_commit("second", first.id);
    const TestCommit other = make_commit("other");
    ASSERT_TRUE(done(push(*node_, {update(kMain, {}, first.id)}, first.pack)));
    ASSERT_TRUE(done(push(*node_, {update(kMain, first.id, second.id)}, second.pack)));
    EXPECT_FALSE(open_hello(*node_).repository.may_hold_unreachable);
    ASSERT_TRUE(done(push(*node_, {update(kMain, second.id, other.id)}, other.pack)));
    EXPECT_TRUE(open_hello(*node_).repository.may_hold_unreachable);
}

TEST_F(PushTest, whose_pack_holds_more_than_its_refs_reach_says_so) {
    const TestCommit commit = make_commit("hello");
    ASSERT_TRUE(done(push(*node_, {update(kMain, {}, commit.id)}, commit.pack)));
    EXPECT_FALSE(open_hello(*node_).repository.may_hold_unreachable);
    git::PackBuilder pack;
    pack.add(git::ObjectType::blob, "nobody names this");
    ASSERT_TRUE(done(push(*node_, {update("refs/heads/next", {}, commit.id)}, pack.build())));
    EXPECT_TRUE(open_hello(*node_).repository.may_hold_unreachable);
}

TEST_F(PushTest, does_not_make_readable_again_what_a_rewind_left) {
    const TestCommit first = make_commit("first");
    const TestCommit other = make_commit("other");
    ASSERT_TRUE(done(push(*node_, {update(kMain, {}, first.id)}, first.pack)));
    ASSERT_TRUE(done(push(*node_, {update(kMain, first.id, other.id)}, other.pack)));
    const PushResult result = push(*node_, {update("refs/heads/back", {}, first.id)}, empty_pack());
    EXPECT_NE(refusal(result).find("missing necessary objects"), std::string::npos)
        << refusal(result);
}

TEST_F(PushTest, each_ref_stands_alone_unless_it_is_atomic) {
    const TestCommit commit = make_commit("hello");
    const std::vector<git::RefUpdate> updates = {update(kMain, {}, commit.id),
                                                 update("refs/heads/../x", {}, commit.id)};
    const PushResult atomic = push(*node_, updates, commit.pack, true);
    EXPECT_NE(refusal(atomic, 0), "(done)");
    EXPECT_NE(refusal(atomic, 1), "(done)");
    EXPECT_EQ(pack_count(), 0u);
    const PushResult alone = push(*node_, updates, commit.pack, false);
    EXPECT_EQ(refusal(alone, 0), "(done)");
    EXPECT_NE(refusal(alone, 1), "(done)");
    EXPECT_EQ(ref_of(*node_, kMain), commit.id);
    EXPECT_TRUE(open_hello(*node_).repository.may_hold_unreachable);
}

TEST_F(PushTest, a_branch_points_to_commits_only) {
    const TestCommit commit = make_commit("hello");
    const PushResult result = push(*node_, {update(kMain, {}, commit.blob)}, commit.pack);
    EXPECT_NE(refusal(result).find("must point to a commit"), std::string::npos) << refusal(result);
}

TEST_F(PushTest, a_tag_is_kept_with_what_it_peels_to) {
    const TestCommit commit = make_commit("hello");
    ASSERT_TRUE(done(push(*node_, {update(kMain, {}, commit.id)}, commit.pack)));
    const std::string tag = "object " + commit.id.hex() +
                            "\ntype commit\ntag v1\ntagger A <a@example.org> 1700000000 +0000\n\n"
                            "one\n";
    git::PackBuilder pack;
    pack.add(git::ObjectType::tag, tag);
    const auto id = *git::object_id_of(git::ObjectType::tag, as_bytes(tag));
    ASSERT_TRUE(done(push(*node_, {update("refs/tags/v1", {}, id)}, pack.build())));
    const auto ref = open_hello(*node_).refs->find("refs/tags/v1");
    ASSERT_TRUE(ref && *ref);
    EXPECT_EQ((*ref)->peeled, commit.id);
}

TEST_F(PushTest, of_one_pack_by_two_at_once_keeps_it) {
    const TestCommit commit = make_commit(random_text(5, std::size_t{2} << 20));
    std::vector<std::thread> clients;
    std::atomic<int> done_count = 0;
    for (int client = 0; client < 4; ++client) {
        clients.emplace_back([&, client] {
            // Two wish for one ref; the others have their own.
            const std::string name = "refs/heads/" + std::to_string(client / 2);
            if (done(push(*node_, {update(name, {}, commit.id)}, commit.pack))) ++done_count;
        });
    }
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(done_count, 2);
    EXPECT_EQ(pack_count(), 1u);
    EXPECT_EQ(*read_everything(*node_), 2u);
}

TEST_F(PushTest, onto_a_full_disk_is_refused_and_the_node_lives) {
    const TestCommit commit = make_commit(random_text(6, std::size_t{2} << 20));
    world_.machine().plan().fill_at(1);
    const PushResult result = push(*node_, {update(kMain, {}, commit.id)}, commit.pack);
    ASSERT_TRUE(result.unpack_failure);
    EXPECT_EQ(result.unpack_failure->code, ErrorCode::unavailable);
    EXPECT_TRUE(world_.failures().empty());
    world_.machine().plan().restart();
    EXPECT_TRUE(done(push(*node_, {update(kMain, {}, commit.id)}, commit.pack)));
}

TEST_F(PushTest, needs_the_right_to_write) {
    const Author admin = administrator(*node_);
    forge::CreateAccount account;
    account.login = "bob";
    const auto receipt = node_->submit_and_wait(admin, account);
    ASSERT_TRUE(receipt) << receipt.error().message();
    forge::CreateToken token;
    token.account = receipt->result.account;
    token.name = "laptop";
    token.scopes = forge::ScopeSet::all();
    const auto made = node_->create_token(admin, token);
    ASSERT_TRUE(made) << made.error().message();
    const auto bob = node_->authenticate(made->secret);
    ASSERT_TRUE(bob);
    EXPECT_EQ(bob->account.login, "bob");
    EXPECT_EQ(
        node_->open_repository(bob->viewer(), "admin", "hello", forge::RepositoryAction::write)
            .error()
            .code,
        ErrorCode::forbidden);
    // Even where somebody forgot to ask, the rules refuse, and the pack goes again.
    const TestCommit commit = make_commit("hello");
    git::PushRequest request;
    request.updates = {update(kMain, {}, commit.id)};
    const auto pushing = node_->begin_push(*bob, open_hello(*node_), request, {});
    ASSERT_TRUE(pushing->write(commit.pack));
    EXPECT_FALSE(done(pushing->finish()));
    EXPECT_EQ(pack_count(), 0u);
}

}  // namespace
}  // namespace ashlar::node
