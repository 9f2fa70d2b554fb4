#include "native/node/bundles.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "git/pack/pack_receiver.h"
#include "git/wire/bundle.h"
#include "node_world.h"
#include "support/memory_pack_store.h"

namespace ashlar::node {
namespace {

constexpr const char* kMain = "refs/heads/main";
constexpr std::chrono::seconds kPatience{60};

class BundlesTest : public ::testing::Test {
  protected:
    BundlesTest() {
        world_.options().bundles.pack_bytes_min = 1;
        node_ = world_.start_well();
        create_repository(*node_);
    }

    TestCommit push_commit(std::string_view content, const std::optional<git::ObjectId>& parent) {
        TestCommit commit = make_commit(content, parent);
        EXPECT_TRUE(done(push(*node_, {update(kMain, parent.value_or(git::ObjectId{}), commit.id)},
                              commit.pack)));
        return commit;
    }

    std::optional<crypto::Digest> offered() {
        const auto id = node_->bundles().offered(open_hello(*node_));
        EXPECT_TRUE(id) << id.error().message();
        return id ? *id : std::nullopt;
    }

    // Asks until there is one other than `old`.
    std::optional<crypto::Digest> wait_for_one(const std::optional<crypto::Digest>& old = {}) {
        const auto end = std::chrono::steady_clock::now() + kPatience;
        while (std::chrono::steady_clock::now() < end) {
            const auto id = offered();
            if (id && id != old) return id;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return std::nullopt;
    }

    Expected<Bytes> read(const crypto::Digest& id) {
        ASHLAR_TRY(auto file, node_->bundles().open(open_hello(*node_), id));
        Bytes all;
        for (const Chunk& part : file.parts) ASHLAR_CHECK(add_to(all, part));
        while (file.stream) {
            ASHLAR_TRY(const auto chunk, file.stream->next());
            if (!chunk) break;
            ASHLAR_CHECK(add_to(all, *chunk));
        }
        EXPECT_EQ(all.size(), file.size);
        return all;
    }

    static Expected<void> add_to(Bytes& all, const Chunk& part) {
        if (const auto* bytes = std::get_if<Bytes>(&part)) {
            append(all, *bytes);
            return {};
        }
        const StoredRange& range = std::get<StoredRange>(part);
        Bytes stored(range.length);
        ASHLAR_CHECK(range.source->read(range.offset, stored));
        append(all, stored);
        return {};
    }

    // What a client gets of the bundle: how many objects, and that nothing is missing.
    static void check_pack(ByteView pack, std::uint32_t object_count) {
        git::MemoryPackStore store;
        const auto staging = store.stage().value();
        git::PackReceiver receiver(*staging, nullptr, {});
        ASSERT_TRUE(receiver.write(pack));
        const auto received = receiver.finish();
        ASSERT_TRUE(received) << received.error().message();
        EXPECT_EQ(received->object_count, object_count);
        EXPECT_TRUE(received->boundary.empty());
    }

    NodeWorld world_{1};
    std::unique_ptr<Node> node_;
};

TEST_F(BundlesTest, one_is_made_for_the_next_who_asks_and_holds_everything) {
    const TestCommit first = push_commit("one", std::nullopt);
    const TestCommit second = push_commit("two", first.id);
    const auto id = wait_for_one();
    ASSERT_TRUE(id);
    const auto bundle = read(*id);
    ASSERT_TRUE(bundle) << bundle.error().message();
    ByteView rest = *bundle;
    const auto header = git::parse_bundle_header(rest);
    ASSERT_TRUE(header) << header.error().message();
    ASSERT_EQ(header->refs.size(), 2u);
    EXPECT_EQ(header->refs[0].name, "HEAD");
    EXPECT_EQ(header->refs[1].name, kMain);
    EXPECT_EQ(header->refs[1].id, second.id);
    check_pack(rest, 6);
}

TEST_F(BundlesTest, packs_that_share_objects_make_one_that_has_each_once) {
    const TestCommit first = push_commit("one", std::nullopt);
    const TestCommit again = push_commit("one", first.id);  // brings tree and blob once more
    push_commit("two", again.id);
    ASSERT_EQ(open_hello(*node_).packs->pack_count(), 3u);
    const auto id = wait_for_one();
    ASSERT_TRUE(id);
    const auto bundle = read(*id);
    ASSERT_TRUE(bundle) << bundle.error().message();
    ByteView rest = *bundle;
    ASSERT_TRUE(git::parse_bundle_header(rest));
    check_pack(rest, 7);
    EXPECT_EQ(read(*id), bundle);
    node_.reset();
    node_ = world_.start_well();
    EXPECT_EQ(offered(), id);
    EXPECT_EQ(read(*id), bundle);
}

TEST_F(BundlesTest, one_stays_the_same_until_the_repository_has_doubled) {
    TestCommit last = push_commit(random_text(1, 4000), std::nullopt);
    const auto id = wait_for_one();
    ASSERT_TRUE(id);
    last = push_commit("small", last.id);
    EXPECT_EQ(offered(), id);
    push_commit(random_text(2, 9000), last.id);
    const auto newer = wait_for_one(id);
    ASSERT_TRUE(newer);
    EXPECT_FALSE(read(*id));
    EXPECT_TRUE(read(*newer));
}

TEST_F(BundlesTest, one_outlives_the_process) {
    push_commit("one", std::nullopt);
    const auto id = wait_for_one();
    node_.reset();
    node_ = world_.start_well();
    EXPECT_EQ(offered(), id);
}

TEST_F(BundlesTest, nothing_is_given_out_that_no_ref_reaches) {
    const TestCommit first = push_commit("one", std::nullopt);
    push_commit("two", first.id);
    const auto id = wait_for_one();
    ASSERT_TRUE(id);
    const TestCommit other = make_commit("other", first.id);
    ASSERT_TRUE(done(push(*node_, {update(kMain, ref_of(*node_, kMain), other.id)}, other.pack)));
    ASSERT_TRUE(open_hello(*node_).repository.may_hold_unreachable);
    EXPECT_FALSE(offered());
    const auto bundle = read(*id);
    ASSERT_FALSE(bundle);
    EXPECT_EQ(bundle.error().code, ErrorCode::not_found);
}

TEST_F(BundlesTest, an_empty_repository_and_another_name_have_none) {
    EXPECT_FALSE(offered());
    push_commit("one", std::nullopt);
    const auto id = wait_for_one();
    ASSERT_TRUE(id);
    EXPECT_EQ(read(crypto::hash("test", as_bytes("other"))).error().code, ErrorCode::not_found);
}

TEST(BundleRecord, comes_back_and_is_refused_when_damaged) {
    BundleRecord record;
    record.form = BundleRecord::Form::selected;
    record.pack_size = 1234;
    record.trailer.fill(7);
    record.packs = {{crypto::hash("test", as_bytes("a"))}, {crypto::hash("test", as_bytes("b"))}};
    git::BundleHeader header;
    header.refs = {{"refs/heads/main", make_commit("x").id, std::nullopt}};
    record.header = git::encode_bundle_header(header);
    const Bytes bytes = encode(record);
    EXPECT_EQ(decode_bundle_record(bytes), Expected<BundleRecord>(record));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(decode_bundle_record(ByteView(bytes).first(size))) << size;
    }
    Bytes longer = bytes;
    longer.push_back('x');
    EXPECT_FALSE(decode_bundle_record(longer));
    Bytes other = bytes;
    other[0] = 3;
    EXPECT_FALSE(decode_bundle_record(other));
    Bytes formless = bytes;
    formless[1] = 3;
    EXPECT_FALSE(decode_bundle_record(formless));
}

}  // namespace
}  // namespace ashlar::node
