#include "native/storage/rocksdb_key_value.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "support/temporary_folder.h"

namespace ashlar::storage {
namespace {

class RocksDbKeyValueTest : public ::testing::Test {
  protected:
    std::filesystem::path path() const { return folder_.path() / "store"; }

    std::unique_ptr<RocksDbKeyValue> open() {
        auto opened = RocksDbKeyValue::open(path());
        EXPECT_TRUE(opened) << opened.error().message();
        return opened ? std::move(*opened) : nullptr;
    }

    Error refusal() {
        const auto opened = RocksDbKeyValue::open(path());
        EXPECT_FALSE(opened);
        return opened ? Error{} : opened.error();
    }

    std::vector<std::filesystem::path> files_ending_in(std::string_view ending) const {
        std::vector<std::filesystem::path> found;
        for (const auto& entry : std::filesystem::directory_iterator(path())) {
            if (entry.path().string().ends_with(ending)) found.push_back(entry.path());
        }
        return found;
    }

    support::TemporaryFolder folder_;
};

TEST_F(RocksDbKeyValueTest, refuses_a_newer_format_and_names_both_versions) {
    ASSERT_TRUE(open()->set_format_version(kStoreFormatVersion + 6));
    const Error error = refusal();
    EXPECT_EQ(error.code, ErrorCode::unsupported);
    EXPECT_NE(error.detail.find("format " + std::to_string(kStoreFormatVersion + 6)),
              std::string::npos);
    EXPECT_NE(error.detail.find("up to " + std::to_string(kStoreFormatVersion)), std::string::npos);
}

TEST_F(RocksDbKeyValueTest, says_that_another_has_the_store_open) {
    const auto first = open();
    const Error error = refusal();
    EXPECT_EQ(error.code, ErrorCode::unavailable);
    EXPECT_NE(error.detail.find("another process has it open"), std::string::npos) << error.detail;
    EXPECT_NE(error.detail.find(path().string()), std::string::npos);
}

TEST_F(RocksDbKeyValueTest, says_that_a_store_is_damaged) {
    open();
    std::ofstream(path() / "CURRENT", std::ios::trunc) << "MANIFEST-that-is-not-there\n";
    const Error error = refusal();
    EXPECT_EQ(error.code, ErrorCode::corrupt) << error.message();
    EXPECT_NE(error.detail.find("restore"), std::string::npos);
}

TEST_F(RocksDbKeyValueTest, does_not_make_a_new_store_over_the_files_of_an_old_one) {
    open();
    std::ofstream(path() / "000099.sst") << "table";
    std::filesystem::remove(path() / "CURRENT");
    const Error error = refusal();
    EXPECT_EQ(error.code, ErrorCode::corrupt);
    EXPECT_NE(error.detail.find("CURRENT"), std::string::npos);
}

TEST_F(RocksDbKeyValueTest, says_that_a_folder_cannot_be_made) {
    std::ofstream(folder_.path() / "file") << "not a folder";
    const auto opened = RocksDbKeyValue::open(folder_.path() / "file" / "store");
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().detail.find("make the folder"), std::string::npos);
}

TEST_F(RocksDbKeyValueTest, says_that_permission_is_missing) {
    open();
    if (::geteuid() != 0) {
        std::filesystem::permissions(path(), std::filesystem::perms::none);
        EXPECT_EQ(refusal().code, ErrorCode::forbidden);
        std::filesystem::permissions(path(), std::filesystem::perms::owner_all);
        return;
    }
    // Root may read everything; a child without its rights stands for an ordinary user.
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    std::filesystem::permissions(path(), std::filesystem::perms::owner_all);
    const pid_t child = ::fork();
    if (child == 0) {
        if (::setuid(65534) != 0) ::_exit(3);
        const auto opened = RocksDbKeyValue::open(path());
        ::_exit(!opened && opened.error().code == ErrorCode::forbidden ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(RocksDbKeyValueTest, never_serves_a_block_whose_checksum_does_not_match) {
    constexpr int kKeyCount = 2000;
    const auto key = [](int i) { return to_bytes("key" + std::to_string(i)); };
    const auto value = [](int i) { return Bytes(1000, static_cast<Byte>(i)); };
    {
        // More than the tables in memory hold, so that some lies in files.
        RocksDbOptions small;
        small.write_buffer_bytes = 256 << 10;
        auto store = RocksDbKeyValue::open(path(), small);
        ASSERT_TRUE(store);
        for (int i = 0; i < kKeyCount; ++i) {
            WriteBatch batch;
            batch.put(key(i), value(i));
            ASSERT_TRUE((*store)->commit(batch, Durability::buffered));
        }
    }
    const auto tables = files_ending_in(".sst");
    ASSERT_FALSE(tables.empty());
    for (const auto& table : tables) {
        // The data blocks lie at the front; footer and index stay whole, so that it opens.
        std::fstream file(table, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(100);
        file.write("????????", 8);
    }
    const auto store = RocksDbKeyValue::open(path());
    if (!store) {
        EXPECT_EQ(store.error().code, ErrorCode::corrupt) << store.error().message();
        return;
    }
    int corrupt = 0;
    for (int i = 0; i < kKeyCount; ++i) {
        const auto found = (*store)->get(key(i));
        if (found) {
            ASSERT_EQ(*found, value(i));
        } else {
            ASSERT_EQ(found.error().code, ErrorCode::corrupt) << found.error().message();
            ++corrupt;
        }
    }
    EXPECT_GT(corrupt, 0);
}

TEST_F(RocksDbKeyValueTest, keeps_what_was_synced_when_the_process_is_killed) {
    const pid_t child = ::fork();
    if (child == 0) {
        auto opened = RocksDbKeyValue::open(path());
        if (!opened) ::_exit(1);
        WriteBatch batch;
        batch.put(as_bytes("a"), as_bytes("1"));
        if (!(*opened)->commit(batch, Durability::synced)) ::_exit(1);
        ::_exit(0);  // no destructor runs
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(*open()->get(as_bytes("a")), to_bytes("1"));
}

}  // namespace
}  // namespace ashlar::storage
