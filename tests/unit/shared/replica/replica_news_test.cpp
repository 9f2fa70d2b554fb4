// What a server tells a replica unasked.
#include "replica_fixture.h"

namespace ashlar::replica {
namespace {

struct World : Fixture {
    // As a server tells what changed since a state of the repository.
    codec::RepositoryNews news(const forge::Repository& before, std::vector<git::Ref> changed,
                               std::vector<std::string> removed = {}) {
        return {upstream.checkpoint(), before.refs_root, std::move(changed), std::move(removed)};
    }
    void push(const std::string& ref, const std::optional<git::ObjectId>& from,
              const std::optional<git::ObjectId>& to) {
        upstream.chain.run_one(upstream.chain.push(upstream.id, ref, from, to));
    }
    auto hear(const codec::News& said) { return replica->hear(codec::encode(said)); }
    codec::FinalizedHeader newest() { return upstream.checkpoint().finalized; }
};

TEST(ReplicaNews, shows_a_push_without_asking_for_anything) {
    World world;
    const auto before = world.open();
    const git::ObjectId head = world.upstream.head;
    world.push("refs/heads/topic", std::nullopt, head);
    world.upstream.asked.clear();
    const auto heard =
        world.hear(world.news(before->record, {{"refs/heads/topic", head, std::nullopt}}));
    ASSERT_TRUE(heard) << heard.error().message();
    EXPECT_EQ(*heard, (std::vector<codec::RepositoryName>{{std::string(kOwner), "hello"}}));
    const auto after = world.replica->open(kOwner, "hello");
    ASSERT_TRUE(after) << after.error().message();
    EXPECT_EQ((*after->refs->find("refs/heads/topic"))->id, head);
    EXPECT_EQ((*after->refs->find("refs/heads/main"))->id, head);
    EXPECT_EQ(after->height, before->height.next());
    EXPECT_TRUE(world.upstream.asked.empty());

    world.push("refs/heads/topic", head, std::nullopt);
    ASSERT_TRUE(world.hear(world.news(after->record, {}, {"refs/heads/topic"})));
    const auto last = world.replica->open(kOwner, "hello");
    ASSERT_TRUE(last) << last.error().message();
    EXPECT_FALSE((*last->refs->find("refs/heads/topic")).has_value());
    EXPECT_TRUE(world.upstream.asked.empty());
}

TEST(ReplicaNews, refuses_changes_that_do_not_lead_to_the_proven_root) {
    World world;
    const auto before = world.open();
    const git::ObjectId head = world.upstream.head;
    world.push("refs/heads/topic", std::nullopt, head);
    const auto expect_refused = [&](const codec::RepositoryNews& lie) {
        const auto heard = world.hear(lie);
        ASSERT_FALSE(heard);
        EXPECT_EQ(heard.error().code, ErrorCode::invalid);
        EXPECT_EQ(world.replica->open(kOwner, "hello")->height, before->height);
    };
    expect_refused(world.news(before->record, {}));
    expect_refused(world.news(before->record, {{"refs/heads/tropic", head, std::nullopt}}));
    expect_refused(world.news(before->record, {{"refs/heads/topic", {}, std::nullopt}}));
    expect_refused(world.news(before->record, {{"refs/heads/topic", head, std::nullopt}},
                              {"refs/heads/main"}));
    EXPECT_TRUE(world.hear(world.news(before->record, {{"refs/heads/topic", head, std::nullopt}})));
    EXPECT_EQ(world.replica->open(kOwner, "hello")->height, before->height.next());
}

TEST(ReplicaNews, fetches_the_list_where_changes_are_of_another_one) {
    World world;
    const auto before = world.open();
    forge::Repository other = before->record;
    other.refs_root.bytes[0] ^= 1;
    world.push("refs/heads/main", world.upstream.head, std::nullopt);
    ASSERT_TRUE(world.hear(world.news(other, {})));
    const auto after = world.open();
    ASSERT_TRUE(after) << after.error().message();
    EXPECT_FALSE((*after->refs->find("refs/heads/main")).has_value());
}

TEST(ReplicaNews, refuses_whatever_is_changed_on_the_way) {
    World world;
    const auto before = world.open();
    world.push("refs/heads/topic", std::nullopt, world.upstream.head);
    const auto honest =
        world.news(before->record, {{"refs/heads/topic", world.upstream.head, std::nullopt}});
    const Bytes encoded = codec::encode(codec::News(honest));
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        Bytes changed = encoded;
        changed[at] = static_cast<Byte>(changed[at] ^ 1);
        const auto decoded = codec::decode_news(changed);
        const auto* told = decoded ? std::get_if<codec::RepositoryNews>(&*decoded) : nullptr;
        // Which packs there are is the server's own word, and so is what nobody holds.
        if (told != nullptr && told->checkpoint.packs != honest.checkpoint.packs) continue;
        if (told != nullptr && told->changes_from != honest.changes_from) continue;
        const auto heard = world.replica->hear(changed);
        EXPECT_TRUE(!heard || heard->empty()) << "byte " << at;
        ASSERT_EQ(world.replica->open(kOwner, "hello")->height, before->height) << "byte " << at;
    }
    EXPECT_TRUE(world.replica->hear(encoded));
    EXPECT_EQ(world.replica->open(kOwner, "hello")->height, before->height.next());
}

TEST(ReplicaNews, never_goes_back_and_takes_what_overtook_an_answer) {
    World world;
    const auto before = world.open();
    const Bytes old = codec::encode(codec::News(world.news(before->record, {})));
    const Bytes old_answer = codec::encode(world.upstream.checkpoint());
    // The newest is asked for, and told while the answer is on its way.
    world.replica->refresh(kOwner, "hello");
    ASSERT_EQ(world.replica->open(kOwner, "hello").error().code, ErrorCode::needs_data);
    const std::string address = world.replica->take_wanted().at(0);
    world.push("refs/heads/topic", std::nullopt, world.upstream.head);
    ASSERT_TRUE(world.hear(
        world.news(before->record, {{"refs/heads/topic", world.upstream.head, std::nullopt}})));
    EXPECT_TRUE(world.replica->take(address, old_answer));
    EXPECT_EQ(world.replica->open(kOwner, "hello")->height, before->height.next());
    // What is told late changes nothing.
    const auto heard = world.replica->hear(old);
    ASSERT_TRUE(heard);
    EXPECT_TRUE(heard->empty());
    EXPECT_EQ(world.replica->open(kOwner, "hello")->height, before->height.next());
}

TEST(ReplicaNews, follows_headers_and_asks_for_what_is_gone) {
    World world;
    const auto before = world.open();
    world.upstream.chain.repository("other");
    ASSERT_TRUE(world.hear(world.newest()));
    EXPECT_EQ(world.replica->trusted().height, before->height.next());
    auto forged = world.newest();
    forged.header.height = forged.header.height.next();
    EXPECT_FALSE(world.hear(forged));
    EXPECT_EQ(world.replica->trusted().height, before->height.next());
    ASSERT_TRUE(world.hear(codec::RepositoryGone{{std::string(kOwner), "hello"}}));
    EXPECT_EQ(world.replica->open(kOwner, "hello").error().code, ErrorCode::needs_data);
    EXPECT_TRUE(world.open());
    EXPECT_FALSE(world.replica->hear({}));
}

TEST(ReplicaNews, says_what_it_holds_once_and_all_of_it_to_a_new_server) {
    World world;
    EXPECT_EQ(world.replica->subscription(true), codec::SubscriberMessage{});
    ASSERT_TRUE(world.open());
    const codec::SubscriberMessage held{{{std::string(kOwner), "hello"}}, {}};
    EXPECT_EQ(world.replica->subscription(false), held);
    EXPECT_EQ(world.replica->subscription(false), codec::SubscriberMessage{});
    EXPECT_EQ(world.replica->subscription(true), held);
    world.replica->unsubscribed();
    EXPECT_EQ(world.replica->subscription(false), held);
}

TEST(ReplicaNews, does_not_ask_for_what_it_is_told_of_until_the_proof_is_old) {
    World world;
    const auto before = world.open();
    ASSERT_TRUE(world.hear(world.news(before->record, {})));
    world.replica->refresh(kOwner, "hello", before->time_ms);
    EXPECT_TRUE(world.replica->open(kOwner, "hello"));
    world.replica->refresh(kOwner, "hello", before->time_ms + 1);
    EXPECT_FALSE(world.replica->open(kOwner, "hello"));
    ASSERT_TRUE(world.open());
    world.replica->unsubscribed();
    world.replica->refresh(kOwner, "hello", 0);
    EXPECT_FALSE(world.replica->open(kOwner, "hello"));
}

// A repository that became private is not served any longer from what was public.
TEST(ReplicaNews, lets_go_of_a_repository_that_no_server_shows_any_more) {
    World world;
    ASSERT_TRUE(world.open());
    world.replica->refresh(kOwner, "hello");
    EXPECT_FALSE(world.replica->open(kOwner, "hello"));
    const std::string address = world.replica->take_wanted().at(0);
    EXPECT_GT(world.replica->bytes_max(address), 0u);
    world.replica->refuse(address, {ErrorCode::not_found, "no such thing"});
    EXPECT_EQ(world.replica->open(kOwner, "hello").error().code, ErrorCode::not_found);
    EXPECT_TRUE(world.replica->held().empty());
    EXPECT_EQ(world.replica->bytes_max(address), 0u);
}

TEST(ReplicaNews, says_that_nobody_could_be_asked) {
    World world;
    ASSERT_TRUE(world.open());
    EXPECT_FALSE(world.replica->open(kOwner, "hello")->unconfirmed);
    world.replica->refresh(kOwner, "hello");
    EXPECT_FALSE(world.replica->open(kOwner, "hello"));
    const std::string address = world.replica->take_wanted().at(0);
    world.replica->refuse(address, {ErrorCode::unavailable, "nobody answers"});
    EXPECT_TRUE(world.replica->open(kOwner, "hello")->unconfirmed);
    world.replica->refresh(kOwner, "hello");
    EXPECT_FALSE(world.open()->unconfirmed);
}

}  // namespace
}  // namespace ashlar::replica
