// One suite over every PackStore.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "git/pack/pack_graph.h"
#include "git/walk/pack_graph_builder.h"
#include "native/storage/file_pack_store.h"
#include "native/storage/posix_file_system.h"
#include "native/storage/rocksdb_key_value.h"
#include "support/fault_plan.h"
#include "support/faulty_machine.h"
#include "support/memory_objects.h"
#include "support/memory_pack_store.h"
#include "support/packed_memory.h"
#include "support/temporary_folder.h"

namespace ashlar::storage {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

Bytes random_bytes(std::uint64_t seed, std::size_t size) {
    support::FaultPlan random(seed);
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; i += 8) {
        std::uint64_t word = random.random_below(~std::uint64_t{0});
        for (std::size_t j = i; j < std::min(size, i + 8); ++j, word >>= 8) {
            bytes[j] = static_cast<Byte>(word);
        }
    }
    return bytes;
}

Bytes content(const RandomAccess& from) {
    Bytes bytes(static_cast<std::size_t>(from.size()));
    EXPECT_TRUE(from.read(0, bytes));
    return bytes;
}

git::PackManifest manifest_of(ByteView body, std::uint64_t object_count, ByteView index) {
    git::PackManifest manifest;
    manifest.size = body.size();
    manifest.object_count = object_count;
    for (std::size_t offset = 0; offset < body.size(); offset += kMiB) {
        const auto length = std::min<std::size_t>(kMiB, body.size() - offset);
        manifest.extents.push_back(
            crypto::hash(git::kPackExtentDomain, body.subspan(offset, length)));
    }
    manifest.index_size = index.size();
    manifest.index_digest = crypto::hash(git::kPackIndexDomain, index);
    return manifest;
}

void no_failure_expected(const Error& error) {
    ADD_FAILURE() << error.message();
}

class Memory {
  public:
    git::PackStore& store() { return store_; }
    void reopen() {}

  private:
    git::MemoryPackStore store_;
};

class Faulty {
  public:
    Faulty() { open(); }
    git::PackStore& store() { return *store_; }
    void reopen() {
        store_.reset();
        machine_.restart();
        open();
    }

  private:
    void open() {
        auto opened = FilePackStore::open(machine_.rows(), machine_.files(), no_failure_expected);
        ASSERT_TRUE(opened) << opened.error().message();
        store_ = std::move(*opened);
    }
    support::FaultyMachine machine_{7};
    std::unique_ptr<FilePackStore> store_;
};

class Files {
  public:
    Files() { open(); }
    git::PackStore& store() { return *store_; }
    void reopen() {
        store_.reset();
        rows_.reset();
        open();
    }

  private:
    void open() {
        auto rows = RocksDbKeyValue::open(folder_.path() / "store");
        ASSERT_TRUE(rows) << rows.error().message();
        rows_ = std::move(*rows);
        FilePackStoreOptions options;
        options.free_bytes_min = 0;
        auto opened = FilePackStore::open(*rows_, std::make_shared<PosixFileSystem>(folder_.path()),
                                          no_failure_expected, options);
        ASSERT_TRUE(opened) << opened.error().message();
        store_ = std::move(*opened);
    }
    support::TemporaryFolder folder_;
    std::unique_ptr<RocksDbKeyValue> rows_;
    std::unique_ptr<FilePackStore> store_;
};

template <typename Peer>
class PackStoreSuite : public ::testing::Test {
  protected:
    git::PackStore& store() { return peer_.store(); }

    git::PackDigest put(ByteView body, ByteView index) {
        auto staging = store().stage();
        EXPECT_TRUE(staging);
        EXPECT_TRUE((*staging)->append(body));
        auto manifest = (*staging)->publish(1, index);
        EXPECT_TRUE(manifest) << manifest.error().message();
        return manifest->digest();
    }

    Peer peer_;
};

using Peers = ::testing::Types<Files, Memory, Faulty>;
TYPED_TEST_SUITE(PackStoreSuite, Peers);

TYPED_TEST(PackStoreSuite, starts_empty) {
    EXPECT_TRUE(this->store().list()->empty());
    const git::PackDigest absent{crypto::hash("test", as_bytes("absent"))};
    EXPECT_FALSE(*this->store().contains(absent));
    EXPECT_EQ(this->store().open(absent).error().code, ErrorCode::not_found);
    EXPECT_TRUE(this->store().remove(absent));
}

TYPED_TEST(PackStoreSuite, keeps_packs_of_every_size_around_an_extent) {
    const Bytes index = random_bytes(1, 1000);
    for (const std::uint64_t size :
         {std::uint64_t{0}, std::uint64_t{1}, kMiB - 1, kMiB, kMiB + 1, 2 * kMiB, 3 * kMiB + 17}) {
        SCOPED_TRACE(size);
        const Bytes body = random_bytes(size + 1, static_cast<std::size_t>(size));
        auto staging = this->store().stage();
        ASSERT_TRUE(staging);
        ASSERT_TRUE((*staging)->append(body));
        const auto manifest = (*staging)->publish(3, index);
        ASSERT_TRUE(manifest) << manifest.error().message();
        EXPECT_EQ(encode(*manifest), encode(manifest_of(body, 3, index)));
        this->peer_.reopen();
        const auto pack = this->store().open(manifest->digest());
        ASSERT_TRUE(pack) << pack.error().message();
        EXPECT_EQ((*pack)->body->size(), size);
        EXPECT_TRUE(content(*(*pack)->body) == body);
        EXPECT_TRUE(content(*(*pack)->index) == index);
        EXPECT_EQ(encode((*pack)->manifest), encode(*manifest));
    }
}

TYPED_TEST(PackStoreSuite, keeps_a_graph_beside_a_large_pack_until_that_goes) {
    git::MemoryObjects objects;
    const git::ObjectId blob = objects.blob(as_text(random_bytes(9, 2 * kMiB)));
    const git::ObjectId tree = objects.tree({{git::kModeBlob, "file", blob}});
    const git::ObjectId commit = objects.commit(tree, {}, 1);
    auto staging = std::move(*this->store().stage());
    git::PackReceiver receiver(*staging, nullptr, {});
    ASSERT_TRUE(receiver.write(git::pack_of(objects, git::all_ids(objects))));
    const auto received = receiver.finish();
    ASSERT_TRUE(received) << received.error().message();
    const auto digest = staging->publish(received->object_count, received->index)->digest();
    const auto pack = *this->store().open(digest);
    EXPECT_EQ(pack->graph, nullptr);
    const auto graph = git::build_pack_graph(*git::PackCatalog::open({pack}), {commit});
    ASSERT_TRUE(graph && *graph);
    const auto put = this->store().put_graph(digest, **graph);
    ASSERT_TRUE(put) << put.error().message();
    EXPECT_NE((*this->store().open(digest))->graph, nullptr);
    // Who has the pack open has it as it was.
    EXPECT_EQ(pack->graph, nullptr);
    EXPECT_TRUE(this->store().put_graph(digest, **graph));
    EXPECT_NE((*this->store().open(digest))->graph, nullptr);
    ASSERT_TRUE(this->store().remove(digest));
    EXPECT_EQ(this->store().put_graph(digest, **graph).error().code, ErrorCode::not_found);
}

TYPED_TEST(PackStoreSuite, takes_bytes_in_pieces_and_reads_them_back_while_they_come) {
    const Bytes body = random_bytes(5, static_cast<std::size_t>(2 * kMiB + 300'000));
    auto staging = this->store().stage();
    ASSERT_TRUE(staging);
    for (std::size_t offset = 0; offset < body.size(); offset += 77'777) {
        const auto length = std::min<std::size_t>(77'777, body.size() - offset);
        ASSERT_TRUE((*staging)->append(ByteView(body).subspan(offset, length)));
        ASSERT_EQ((*staging)->size(), offset + length);
        const std::size_t from = (offset + length) / 3;
        Bytes read(std::min<std::size_t>(1000, offset + length - from));
        ASSERT_TRUE((*staging)->read(from, read));
        ASSERT_TRUE(
            std::equal(read.begin(), read.end(), body.begin() + static_cast<std::ptrdiff_t>(from)));
    }
    Byte beyond = 0;
    EXPECT_FALSE((*staging)->read(body.size(), {&beyond, 1}));
    ASSERT_TRUE(content(**staging) == body);
    const auto manifest = (*staging)->publish(1, {});
    ASSERT_TRUE(manifest);
    EXPECT_TRUE(content(*(*this->store().open(manifest->digest()))->body) == body);
}

TYPED_TEST(PackStoreSuite, is_read_by_others_while_it_is_written) {
    const Bytes body = random_bytes(8, static_cast<std::size_t>(3 * kMiB));
    auto staging = std::move(*this->store().stage());
    std::atomic<bool> ended = false;
    std::atomic<int> wrong = 0;
    std::thread reader([&] {
        while (!ended) {
            const auto size = static_cast<std::size_t>(staging->size());
            Bytes read(size);
            if (!staging->read(0, read)) ++wrong;
            if (!std::equal(read.begin(), read.end(), body.begin())) ++wrong;
        }
    });
    for (std::size_t offset = 0; offset < body.size(); offset += 60'000) {
        const auto length = std::min<std::size_t>(60'000, body.size() - offset);
        EXPECT_TRUE(staging->append(ByteView(body).subspan(offset, length)));
    }
    ended = true;
    reader.join();
    EXPECT_EQ(wrong, 0);
}

TYPED_TEST(PackStoreSuite, names_a_pack_by_what_was_overwritten) {
    Bytes body = random_bytes(6, static_cast<std::size_t>(3 * kMiB + 100));
    auto staging = this->store().stage();
    ASSERT_TRUE(staging);
    ASSERT_TRUE((*staging)->append(body));
    // The start, across an extent's edge, the end.
    for (const std::uint64_t offset : {std::uint64_t{8}, 2 * kMiB - 5, 3 * kMiB + 90}) {
        const Bytes patch(10, static_cast<Byte>(offset));
        ASSERT_TRUE((*staging)->overwrite(offset, patch));
        std::copy(patch.begin(), patch.end(), body.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    EXPECT_EQ((*staging)->overwrite(body.size() - 5, Bytes(10)).error().code, ErrorCode::invalid);
    ASSERT_TRUE((*staging)->append(as_bytes("more")));
    append(body, "more");
    const auto manifest = (*staging)->publish(1, as_bytes("index"));
    ASSERT_TRUE(manifest);
    EXPECT_EQ(encode(*manifest), encode(manifest_of(body, 1, as_bytes("index"))));
    EXPECT_TRUE(content(*(*this->store().open(manifest->digest()))->body) == body);
}

TYPED_TEST(PackStoreSuite, overwrites_a_small_pack_too) {
    auto staging = this->store().stage();
    ASSERT_TRUE(staging);
    ASSERT_TRUE((*staging)->append(as_bytes("PACK....0000")));
    ASSERT_TRUE((*staging)->overwrite(8, as_bytes("0001")));
    const auto manifest = (*staging)->publish(1, {});
    ASSERT_TRUE(manifest);
    EXPECT_EQ(manifest->digest(), manifest_of(as_bytes("PACK....0001"), 1, {}).digest());
}

TYPED_TEST(PackStoreSuite, forgets_what_is_not_published) {
    {
        auto small = this->store().stage();
        auto large = this->store().stage();
        ASSERT_TRUE((*small)->append(random_bytes(1, 100)));
        ASSERT_TRUE((*large)->append(random_bytes(2, static_cast<std::size_t>(2 * kMiB))));
    }
    this->peer_.reopen();
    EXPECT_TRUE(this->store().list()->empty());
}

TYPED_TEST(PackStoreSuite, lists_packs_in_the_order_of_their_digests) {
    std::vector<git::PackDigest> digests;
    for (std::uint64_t i = 0; i < 20; ++i) {
        digests.push_back(this->put(random_bytes(i, 50), as_bytes("index")));
    }
    digests.push_back(
        this->put(random_bytes(99, static_cast<std::size_t>(kMiB)), as_bytes("index")));
    std::sort(digests.begin(), digests.end());
    EXPECT_EQ(*this->store().list(), digests);
    this->peer_.reopen();
    EXPECT_EQ(*this->store().list(), digests);
}

TYPED_TEST(PackStoreSuite, stores_the_same_pack_once) {
    for (const std::uint64_t size : {std::uint64_t{100}, 2 * kMiB}) {
        const Bytes body = random_bytes(size, static_cast<std::size_t>(size));
        const auto first = this->put(body, as_bytes("index"));
        EXPECT_EQ(this->put(body, as_bytes("index")), first);
        EXPECT_TRUE(content(*(*this->store().open(first))->body) == body);
    }
    EXPECT_EQ(this->store().list()->size(), 2u);
}

TYPED_TEST(PackStoreSuite, removes_a_pack_for_good) {
    for (const std::uint64_t size : {std::uint64_t{100}, 2 * kMiB}) {
        const auto digest =
            this->put(random_bytes(size, static_cast<std::size_t>(size)), as_bytes("index"));
        ASSERT_TRUE(this->store().remove(digest));
        EXPECT_FALSE(*this->store().contains(digest));
        this->peer_.reopen();
        EXPECT_EQ(this->store().open(digest).error().code, ErrorCode::not_found);
    }
    EXPECT_TRUE(this->store().list()->empty());
}

TYPED_TEST(PackStoreSuite, a_removed_pack_stays_readable_while_somebody_holds_it) {
    for (const std::uint64_t size : {std::uint64_t{100}, 2 * kMiB}) {
        const Bytes body = random_bytes(size, static_cast<std::size_t>(size));
        const auto digest = this->put(body, as_bytes("index"));
        auto pack = *this->store().open(digest);
        auto only_body = pack->body;
        ASSERT_TRUE(this->store().remove(digest));
        EXPECT_EQ(this->store().open(digest).error().code, ErrorCode::not_found);
        EXPECT_TRUE(content(*pack->body) == body);
        EXPECT_TRUE(content(*pack->index) == to_bytes("index"));
        pack.reset();
        EXPECT_TRUE(content(*only_body) == body);
        only_body.reset();
        EXPECT_FALSE(*this->store().contains(digest));
    }
}

TYPED_TEST(PackStoreSuite, a_pack_that_was_removed_can_come_again_while_the_old_one_is_read) {
    for (const std::uint64_t size : {std::uint64_t{100}, 2 * kMiB}) {
        const Bytes body = random_bytes(size, static_cast<std::size_t>(size));
        const auto digest = this->put(body, as_bytes("index"));
        auto old = *this->store().open(digest);
        ASSERT_TRUE(this->store().remove(digest));
        this->put(body, as_bytes("index"));
        old.reset();
        this->peer_.reopen();
        EXPECT_TRUE(content(*(*this->store().open(digest))->body) == body);
    }
}

TYPED_TEST(PackStoreSuite, is_read_and_written_from_many_threads) {
    std::vector<Bytes> bodies;
    for (std::uint64_t i = 0; i < 6; ++i) {
        bodies.push_back(
            random_bytes(i, static_cast<std::size_t>(i % 2 == 0 ? 5000 : kMiB + 5000)));
    }
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
            for (int round = 0; round < 4; ++round) {
                const Bytes& body = bodies[static_cast<std::size_t>(thread + round) % 6];
                const auto digest = this->put(body, as_bytes("index"));
                const auto pack = this->store().open(digest);
                if (!pack || content(*(*pack)->body) != body) ++wrong;
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(this->store().list()->size(), 6u);
}

}  // namespace
}  // namespace ashlar::storage
