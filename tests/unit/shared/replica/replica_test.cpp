#include "replica/replica.h"

#include "git/wire/pkt_line.h"
#include "git/wire/upload_pack.h"
#include "replica_fixture.h"

namespace ashlar::replica {
namespace {

TEST(Replica, opens_a_repository_and_reads_every_object_of_it) {
    Fixture fixture;
    const auto opened = fixture.open();
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ((*opened->refs->find("refs/heads/main"))->id, fixture.upstream.head);
    EXPECT_EQ(opened->height, fixture.upstream.chain.tip().header.height);
    const auto objects = opened->objects();
    for (const auto& [id, object] : fixture.upstream.repository.objects.all()) {
        const git::ObjectId wanted = id;
        const auto read = fixture.until_there([&] { return objects->read(wanted, 1 << 22); });
        ASSERT_TRUE(read) << read.error().message();
        EXPECT_EQ((*read)->content, object->content);
    }
}

TEST(Replica, fetches_nothing_twice_and_only_what_is_read) {
    Fixture fixture;
    const auto opened = fixture.open();
    const std::size_t extents = fixture.upstream.pack().manifest.extents.size();
    EXPECT_GE(extents, 3u);
    EXPECT_EQ(fixture.upstream.asked.size(), 4u);  // checkpoint, refs, manifest, index
    const auto objects = opened->objects();
    ASSERT_TRUE(fixture.until_there([&] { return objects->read(fixture.upstream.head, 1 << 22); }));
    EXPECT_LE(fixture.upstream.asked.size(), 6u);
    const std::size_t asked = fixture.upstream.asked.size();
    EXPECT_TRUE(fixture.open());
    EXPECT_TRUE(fixture.until_there([&] { return objects->read(fixture.upstream.head, 1 << 22); }));
    EXPECT_EQ(fixture.upstream.asked.size(), asked);
}

TEST(Replica, serves_a_clone_to_git) {
    Fixture fixture;
    const auto opened = fixture.open();
    const auto objects = opened->objects();
    const git::RepositoryView view{*opened->refs, *objects, opened->packs, git::Unreachable::none};
    Bytes request;
    git::append_line(request, "command=fetch");
    git::append_delimiter(request);
    git::append_line(request, "want " + fixture.upstream.head.hex());
    git::append_line(request, "done");
    git::append_flush(request);
    auto stream = fixture.until_there(
        [&] { return git::serve_upload_pack(view, git::ProtocolVersion::v2, request); });
    ASSERT_TRUE(stream) << stream.error().message();
    std::uint64_t size = 0;
    while (true) {
        auto chunk = fixture.until_there([&] { return (*stream)->next(); });
        ASSERT_TRUE(chunk) << chunk.error().message();
        if (!*chunk) break;
        if (const auto* range = std::get_if<StoredRange>(&**chunk)) {
            Bytes bytes(static_cast<std::size_t>(range->length));
            ASSERT_TRUE(
                fixture.until_there([&] { return range->source->read(range->offset, bytes); }));
            size += range->length;
        } else {
            size += std::get<Bytes>(**chunk).size();
        }
    }
    EXPECT_GT(size, fixture.upstream.pack().manifest.size);
}

TEST(Replica, refuses_whatever_is_changed_on_the_way_and_goes_on_with_the_truth) {
    Fixture fixture;
    std::size_t kinds = 0;
    const auto expect_refused = [&](const std::string& address) {
        const Bytes honest = fixture.upstream.answer(address);
        const std::size_t step = honest.size() > 4096 ? honest.size() / 97 : 1;
        for (std::size_t at = 0; at < honest.size(); at += step) {
            // The size of the index, which its digest makes superfluous and nobody reads.
            if (address.ends_with("/manifest") && at >= 8 && at < 16) continue;
            Bytes changed = honest;
            changed[at] = static_cast<Byte>(changed[at] ^ 1);
            // Which packs there are is the upstream's own word: those are found out later.
            EXPECT_FALSE(fixture.replica->take(address, changed) &&
                         !address.ends_with("checkpoint"))
                << address << " byte " << at;
            if (fixture.replica->take(address, {}).error().detail.ends_with("asked for it")) {
                fixture.replica = fixture.begin();
                EXPECT_FALSE(fixture.replica->open(kOwner, "hello"));
                EXPECT_EQ(fixture.replica->take_wanted().size(), 1u);
            }
        }
        EXPECT_FALSE(fixture.replica->take(address, {}));
        EXPECT_FALSE(fixture.replica->take(address, Bytes(honest.begin(), honest.end() - 1)));
        EXPECT_TRUE(fixture.replica->take(address, honest)) << address;
        ++kinds;
    };
    for (int i = 0; i < 10 && !fixture.replica->open(kOwner, "hello"); ++i) {
        for (const std::string& address : fixture.wanted()) expect_refused(address);
    }
    const auto opened = fixture.replica->open(kOwner, "hello");
    ASSERT_TRUE(opened) << opened.error().message();
    const auto objects = opened->objects();
    for (int i = 0; i < 10 && !objects->read(fixture.upstream.head, 1 << 22); ++i) {
        for (const std::string& address : fixture.wanted()) expect_refused(address);
    }
    EXPECT_TRUE(objects->read(fixture.upstream.head, 1 << 22));
    EXPECT_GE(kinds, 5u);
}

TEST(Replica, is_not_turned_back_or_given_another_repository_or_network) {
    Fixture fixture;
    const Bytes old = codec::encode(fixture.upstream.checkpoint());
    fixture.upstream.chain.repository("other");
    ASSERT_TRUE(fixture.open());
    fixture.replica->refresh(kOwner, "hello");
    EXPECT_EQ(fixture.replica->open(kOwner, "hello").error().code, ErrorCode::needs_data);
    const std::string address = fixture.replica->take_wanted().at(0);
    EXPECT_EQ(fixture.replica->take(address, old).error().code, ErrorCode::conflict);
    const auto other = *chain::make_checkpoint(*fixture.upstream.chain.store, kOwner, "other", {});
    EXPECT_EQ(fixture.replica->take(address, codec::encode(other)).error().code,
              ErrorCode::invalid);
    auto renamed = other;
    renamed.repository = "hello";
    EXPECT_FALSE(fixture.replica->take(address, codec::encode(renamed)));
    auto elsewhere = fixture.upstream.checkpoint();
    elsewhere.chain.digest.bytes[0] ^= 1;
    EXPECT_FALSE(fixture.replica->take(address, codec::encode(elsewhere)));
    EXPECT_TRUE(fixture.replica->take(address, codec::encode(fixture.upstream.checkpoint())));
    EXPECT_TRUE(fixture.replica->open(kOwner, "hello"));
}

TEST(Replica, shows_no_private_repository_and_none_that_is_proven_absent) {
    Fixture fixture;
    forge::UpdateRepository hide;
    hide.repository = fixture.upstream.id;
    hide.visibility = forge::Visibility::visible_to_members;
    fixture.upstream.chain.run_one(hide);
    EXPECT_EQ(fixture.open().error().code, ErrorCode::not_found);
    EXPECT_EQ(fixture.replica->open(kOwner, "none").error().code, ErrorCode::needs_data);
    const auto absent = *chain::make_checkpoint(*fixture.upstream.chain.store, kOwner, "none", {});
    ASSERT_TRUE(fixture.replica->take("/sync/repositories/operator/none/checkpoint",
                                      codec::encode(absent)));
    EXPECT_EQ(fixture.replica->open(kOwner, "none").error().code, ErrorCode::not_found);
    EXPECT_EQ(fixture.replica->open("../x", "none").error().code, ErrorCode::not_found);
}

TEST(Replica, sees_a_push_after_a_refresh_and_what_is_open_stays_as_it_was) {
    Fixture fixture;
    const auto before = fixture.open();
    fixture.upstream.chain.run_one(fixture.upstream.chain.push(
        fixture.upstream.id, "refs/heads/main", fixture.upstream.head, std::nullopt));
    EXPECT_EQ(fixture.open()->height, before->height);
    fixture.replica->refresh(kOwner, "hello");
    const auto after = fixture.open();
    ASSERT_TRUE(after) << after.error().message();
    EXPECT_EQ(after->height, before->height.next());
    EXPECT_FALSE((*after->refs->find("refs/heads/main")).has_value());
    EXPECT_TRUE((*before->refs->find("refs/heads/main")).has_value());
}

TEST(Replica, begins_again_with_what_its_host_kept_and_mends_what_was_damaged) {
    Fixture fixture;
    ASSERT_TRUE(fixture.open());
    fixture.replica = fixture.begin();
    fixture.upstream.asked.clear();
    ASSERT_TRUE(fixture.open());
    EXPECT_EQ(fixture.upstream.asked.size(), 1u);  // the checkpoint
    for (auto& [address, content] : fixture.store.kept) {
        Bytes damaged = *content;
        damaged.back() = static_cast<Byte>(damaged.back() ^ 1);
        content = std::make_shared<const Bytes>(std::move(damaged));
    }
    fixture.replica = fixture.begin();
    fixture.upstream.asked.clear();
    ASSERT_TRUE(fixture.open());
    EXPECT_EQ(fixture.upstream.asked.size(), 4u);
}

TEST(Replica, tells_whoever_waits_that_no_server_has_it_and_asks_again_later) {
    Fixture fixture;
    EXPECT_FALSE(fixture.replica->open(kOwner, "hello"));
    const std::string address = fixture.replica->take_wanted().at(0);
    fixture.replica->refuse(address, {ErrorCode::unavailable, "nobody answers"});
    EXPECT_EQ(fixture.replica->open(kOwner, "hello").error().code, ErrorCode::unavailable);
    ASSERT_TRUE(fixture.open());
    EXPECT_FALSE(fixture.replica->take("/sync/nobody/asked", {}));
    // What it has it serves, when nobody has anything newer.
    fixture.replica->refresh(kOwner, "hello");
    EXPECT_EQ(fixture.replica->open(kOwner, "hello").error().code, ErrorCode::needs_data);
    fixture.replica->refuse(address, {ErrorCode::unavailable, "nobody answers"});
    EXPECT_TRUE(fixture.replica->open(kOwner, "hello"));
}

// A repository that is private or deleted now is a 404 at every server.
TEST(Replica, serves_no_longer_what_every_server_says_is_not_there) {
    Fixture fixture;
    ASSERT_TRUE(fixture.open());
    fixture.replica->refresh(kOwner, "hello");
    EXPECT_EQ(fixture.replica->open(kOwner, "hello").error().code, ErrorCode::needs_data);
    const std::string address = fixture.replica->take_wanted().at(0);
    fixture.replica->refuse(address, {ErrorCode::not_found, "it is not there, or not public"});
    EXPECT_EQ(fixture.replica->open(kOwner, "hello").error().code, ErrorCode::not_found);
    // Nor as what was final last, when nobody answers later on.
    EXPECT_EQ(fixture.replica->open(kOwner, "hello").error().code, ErrorCode::needs_data);
    EXPECT_EQ(fixture.replica->take_wanted().size(), 1u);
    fixture.replica->refuse(address, {ErrorCode::unavailable, "nobody answers"});
    EXPECT_EQ(fixture.replica->open(kOwner, "hello").error().code, ErrorCode::unavailable);
    EXPECT_TRUE(fixture.open());
}

// An index may say anything: where it lies, the objects are found to be others.
TEST(Replica, finds_out_an_index_that_lies) {
    Fixture fixture;
    const auto stored = fixture.upstream.catalog->shared_pack(0);
    auto index = *git::PackIndex::open(stored->index);
    git::PackIndexBuilder builder;
    std::vector<git::ObjectId> ids;
    for (std::uint32_t i = 0; i < index.object_count(); ++i) ids.push_back(*index.id_at(i));
    // Every id is said to lie where its neighbour does.
    for (std::uint32_t i = 0; i < ids.size(); ++i) {
        builder.add({ids[(i + 1) % ids.size()], *index.entry_at(i), 0});
    }
    const Bytes lie = *std::move(builder).build(index.pack_size(), index.pack_checksum());
    auto manifest = stored->manifest;
    manifest.index_digest = crypto::hash(git::kPackIndexDomain, lie);
    auto checkpoint = fixture.upstream.checkpoint();
    checkpoint.packs[0].index_digest = manifest.index_digest;
    const auto answer = [&](const std::string& address) {
        if (address.ends_with("/checkpoint")) return codec::encode(checkpoint);
        if (address.ends_with("/manifest")) return git::encode(manifest);
        if (address.ends_with("/index")) return lie;
        return fixture.upstream.answer(address);
    };
    const auto bring = [&] {
        for (const std::string& address : fixture.wanted()) {
            ASSERT_TRUE(fixture.replica->take(address, answer(address)));
        }
    };
    auto opened = fixture.replica->open(kOwner, "hello");
    for (int i = 0; i < 10 && !opened; ++i) {
        bring();
        opened = fixture.replica->open(kOwner, "hello");
    }
    ASSERT_TRUE(opened) << opened.error().message();
    const auto objects = opened->objects();
    for (const git::ObjectId& id : ids) {
        auto read = objects->read(id, 1 << 22);
        for (int i = 0; i < 10 && !read && read.error().code == ErrorCode::needs_data; ++i) {
            bring();
            read = objects->read(id, 1 << 22);
        }
        EXPECT_FALSE(read) << id.hex();
    }
    // With the word of an honest server all is well again.
    fixture.replica->forget(kOwner, "hello");
    const auto again = fixture.open();
    ASSERT_TRUE(again) << again.error().message();
    const auto honest_objects = again->objects();
    EXPECT_TRUE(fixture.until_there([&] { return honest_objects->read(ids[0], 1 << 22); }));
}

}  // namespace
}  // namespace ashlar::replica
