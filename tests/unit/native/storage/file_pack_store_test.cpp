#include "native/storage/file_pack_store.h"

#include <gtest/gtest.h>

#include "native/storage/posix_file_system.h"
#include "support/faulty_machine.h"
#include "support/memory_key_value.h"
#include "support/temporary_folder.h"

namespace ashlar::storage {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;

// A pack store on a machine that fails, and what failures it reported.
class FilePackStoreTest : public ::testing::Test {
  protected:
    Expected<std::unique_ptr<FilePackStore>> open(support::FaultyMachine& machine) {
        return FilePackStore::open(machine.rows(), machine.files(),
                                   [this](const Error& error) { failures_.push_back(error); });
    }

    static Expected<git::PackManifest> put(git::PackStore& store, ByteView body) {
        ASHLAR_TRY(const auto staging, store.stage());
        ASHLAR_CHECK(staging->append(body));
        return staging->publish(1, as_bytes("index"));
    }

    std::vector<Error> failures_;
};

TEST_F(FilePackStoreTest, has_after_a_crash_at_any_step_each_pack_whole_or_not_at_all) {
    const Bytes small(5000, 's');
    const Bytes large(2 * kMiB + 5, 'l');
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        for (std::uint64_t step = 1;; ++step) {
            SCOPED_TRACE("seed " + std::to_string(seed) + ", crash at step " +
                         std::to_string(step));
            support::FaultyMachine machine(seed * 1000 + step);
            auto store = open(machine);
            ASSERT_TRUE(store);
            const auto before = put(**store, Bytes(100, 'b'));
            ASSERT_TRUE(before);
            machine.plan().crash_at(step);
            std::vector<git::PackDigest> acknowledged = {before->digest()};
            for (const Bytes& body : {small, large}) {
                const auto manifest = put(**store, body);
                if (manifest) acknowledged.push_back(manifest->digest());
            }
            static_cast<void>((*store)->remove(before->digest()));
            const bool crashed = machine.plan().crashed();
            store->reset();
            machine.restart();
            auto again = open(machine);
            ASSERT_TRUE(again) << again.error().message();
            const auto stored = (*again)->list();
            ASSERT_TRUE(stored);
            for (const auto& digest : *stored) {
                const auto verified = (*again)->verify(digest);
                EXPECT_TRUE(verified) << verified.error().message();
            }
            for (std::size_t i = 1; i < acknowledged.size(); ++i) {
                EXPECT_TRUE(*(*again)->contains(acknowledged[i]));
            }
            // Nothing is left of what is not stored.
            ASSERT_TRUE(put(**again, large));
            EXPECT_EQ(machine.files()->paths().size(), 2u);
            if (!crashed) break;
            ASSERT_LT(step, 1000u);
        }
    }
}

TEST_F(FilePackStoreTest, recovers_from_crashes_during_recovery) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        support::FaultyMachine machine(seed);
        std::unique_ptr<FilePackStore> store = std::move(*open(machine));
        const auto kept = put(*store, Bytes(2 * kMiB, 'k'));
        const auto removed = put(*store, Bytes(100, 'r'));
        ASSERT_TRUE(kept && removed);
        const auto reader = store->open(removed->digest());
        ASSERT_TRUE(store->remove(removed->digest()));
        machine.plan().crash_at(5 + seed % 9);
        static_cast<void>(put(*store, Bytes(3 * kMiB, 'x')));
        store.reset();
        for (std::uint64_t attempt = 1; attempt <= 4; ++attempt) {
            machine.restart();
            machine.plan().crash_at(attempt);
            static_cast<void>(open(machine));
        }
        machine.restart();
        auto again = open(machine);
        ASSERT_TRUE(again) << again.error().message();
        EXPECT_TRUE((*again)->verify(kept->digest()));
        EXPECT_FALSE(*(*again)->contains(removed->digest()));
    }
}

TEST_F(FilePackStoreTest, takes_a_damaged_graph_for_none_and_sweeps_what_was_left_of_one) {
    support::FaultyMachine machine(4);
    std::unique_ptr<FilePackStore> store = std::move(*open(machine));
    const auto large = put(*store, Bytes(2 * kMiB, 'l'));
    const auto small = put(*store, Bytes(100, 's'));
    ASSERT_TRUE(large && small);
    EXPECT_EQ(store->put_graph(small->digest(), as_bytes("graph")).error().code,
              ErrorCode::unsupported);
    ASSERT_TRUE(store->put_graph(large->digest(), as_bytes("graph")));
    EXPECT_EQ((*store->open(large->digest()))->graph, nullptr);
    EXPECT_EQ(machine.files()->paths().size(), 3u);
    ASSERT_TRUE(store->remove(large->digest()));
    EXPECT_TRUE(machine.files()->paths().empty());
}

TEST_F(FilePackStoreTest, a_full_disk_refuses_a_push_and_nothing_else) {
    support::FaultyMachine machine(3);
    auto store = open(machine);
    ASSERT_TRUE(store);
    const auto before = put(**store, Bytes(2 * kMiB, 'b'));
    ASSERT_TRUE(before);
    machine.plan().fill_at(1);
    const auto refused = put(**store, Bytes(2 * kMiB, 'x'));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_TRUE(failures_.empty());
    EXPECT_TRUE((*store)->verify(before->digest()));
    machine.plan().restart();
    EXPECT_TRUE(put(**store, Bytes(2 * kMiB, 'x')));
}

TEST_F(FilePackStoreTest, a_failed_write_or_sync_is_reported_so_that_the_process_ends) {
    int reported = 0;
    for (std::uint64_t step = 1; step < 12; ++step) {
        SCOPED_TRACE("step " + std::to_string(step));
        failures_.clear();
        support::FaultyMachine machine(step);
        auto store = open(machine);
        ASSERT_TRUE(store);
        machine.plan().fail_at(step);
        const auto manifest = put(**store, Bytes(2 * kMiB + 1, 'x'));
        if (manifest) break;
        EXPECT_EQ(failures_.size(), 1u);
        ++reported;
    }
    EXPECT_GT(reported, 8);
}

TEST_F(FilePackStoreTest, refuses_a_push_that_would_take_the_last_free_bytes) {
    support::TemporaryFolder folder;
    support::MemoryKeyValue rows;
    FilePackStoreOptions options;
    options.free_bytes_min = std::uint64_t{1} << 60;
    auto store = FilePackStore::open(
        rows, std::make_shared<PosixFileSystem>(folder.path()), [](const Error&) {}, options);
    ASSERT_TRUE(store) << store.error().message();
    const auto refused = put(**store, Bytes(2 * kMiB, 'x'));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_NE(refused.error().detail.find("nearly full"), std::string::npos);
}

TEST_F(FilePackStoreTest, finds_a_flipped_byte) {
    support::FaultyMachine machine(4);
    auto store = open(machine);
    ASSERT_TRUE(store);
    const auto manifest = put(**store, Bytes(3 * kMiB, 'x'));
    ASSERT_TRUE(manifest);
    ASSERT_TRUE((*store)->verify(manifest->digest()));
    for (const std::string& path : machine.files()->paths()) {
        machine.files()->flip(path, 2);
        const auto verified = (*store)->verify(manifest->digest());
        ASSERT_FALSE(verified);
        EXPECT_EQ(verified.error().code, ErrorCode::corrupt);
        machine.files()->flip(path, 2);
    }
    EXPECT_TRUE((*store)->verify(manifest->digest()));
}

TEST_F(FilePackStoreTest, says_which_file_a_stored_pack_has_lost) {
    support::FaultyMachine machine(4);
    auto store = open(machine);
    ASSERT_TRUE(store);
    const auto manifest = put(**store, Bytes(3 * kMiB, 'x'));
    ASSERT_TRUE(manifest);
    for (const std::string& path : machine.files()->paths()) {
        ASSERT_TRUE(machine.files()->remove(path));
    }
    const auto pack = (*store)->open(manifest->digest());
    ASSERT_FALSE(pack);
    EXPECT_EQ(pack.error().code, ErrorCode::corrupt);
    EXPECT_NE(pack.error().detail.find(manifest->digest().hex()), std::string::npos);
}

TEST_F(FilePackStoreTest, a_pack_below_one_mebibyte_costs_no_file) {
    support::FaultyMachine machine(5);
    auto store = open(machine);
    ASSERT_TRUE(store);
    ASSERT_TRUE(put(**store, Bytes(kMiB - 1, 'x')));
    EXPECT_TRUE(machine.files()->paths().empty());
    ASSERT_TRUE(put(**store, Bytes(kMiB, 'x')));
    EXPECT_EQ(machine.files()->paths().size(), 2u);
}

TEST_F(FilePackStoreTest, a_small_pack_with_a_large_index_is_a_file) {
    support::FaultyMachine machine(6);
    auto store = open(machine);
    ASSERT_TRUE(store);
    auto staging = (*store)->stage();
    ASSERT_TRUE((*staging)->append(Bytes(100, 'x')));
    const auto manifest = (*staging)->publish(1, Bytes(kSmallIndexBytesMax + 1, 'i'));
    ASSERT_TRUE(manifest) << manifest.error().message();
    EXPECT_EQ(machine.files()->paths().size(), 2u);
    EXPECT_TRUE((*store)->verify(manifest->digest()));
}

TEST_F(FilePackStoreTest, a_large_pack_can_be_sent_from_its_file_and_its_index_is_mapped) {
    support::TemporaryFolder folder;
    support::MemoryKeyValue rows;
    FilePackStoreOptions options;
    options.free_bytes_min = 0;
    auto store = FilePackStore::open(
        rows, std::make_shared<PosixFileSystem>(folder.path()), [](const Error&) {}, options);
    ASSERT_TRUE(store);
    const auto manifest = put(**store, Bytes(2 * kMiB, 'x'));
    ASSERT_TRUE(manifest);
    const auto pack = (*store)->open(manifest->digest());
    ASSERT_TRUE(pack);
    EXPECT_TRUE((*pack)->body->file_descriptor().has_value());
    EXPECT_EQ(as_text((*pack)->index->mapped()), "index");
    EXPECT_TRUE((*store)->verify(manifest->digest()));
}

}  // namespace
}  // namespace ashlar::storage
