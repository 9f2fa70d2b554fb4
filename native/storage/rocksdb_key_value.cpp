#include "native/storage/rocksdb_key_value.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

namespace ashlar::storage {
namespace {

constexpr int kBloomBitsPerKey = 10;
constexpr int kWriteBufferCountMax = 3;
constexpr int kBackgroundJobs = 2;
constexpr std::size_t kLogFileBytes = std::size_t{1} << 20;
constexpr std::size_t kLogFileCount = 2;
constexpr std::uint64_t kTotalWalBytesMax = std::uint64_t{64} << 20;
constexpr std::size_t kScanReadaheadBytes = 0;  // RocksDB's own, which grows with the scan
constexpr const char* kFormatFamily = "format";
constexpr const char* kFormatKey = "version";

rocksdb::Slice slice(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

ByteView view(const rocksdb::Slice& bytes) {
    return {reinterpret_cast<const Byte*>(bytes.data()), bytes.size()};
}

bool mentions(const rocksdb::Status& status, std::string_view words) {
    return status.ToString().find(words) != std::string::npos;
}

// What a person can do about it, by kind of failure.
Error error_of(const rocksdb::Status& status, const std::string& folder, std::string_view doing) {
    const std::string what = std::string(doing) + " the store in " + folder + ": ";
    const std::string cause = " (" + status.ToString() + ")";
    if (status.IsNoSpace() || mentions(status, "No space left")) {
        return {ErrorCode::unavailable, what + "the disk is full; free some space" + cause};
    }
    if (status.IsIOError() && mentions(status, "LOCK") && !mentions(status, "Permission denied")) {
        return {
            ErrorCode::unavailable,
            what + "another process has it open; stop that one or use another data folder" + cause};
    }
    if (status.IsIOError() &&
        (mentions(status, "Permission denied") || mentions(status, "Read-only file system"))) {
        return {ErrorCode::forbidden,
                what + "permission denied; let the user who runs this read and write it" + cause};
    }
    if (status.IsCorruption()) {
        return {ErrorCode::corrupt, what +
                                        "its content is damaged; restore the data folder from a "
                                        "backup, or let the node fetch everything again into an "
                                        "empty one" +
                                        cause};
    }
    if (status.IsNotSupported() || status.IsInvalidArgument()) {
        return {ErrorCode::unsupported,
                what + "it was written by another version of the storage engine" + cause};
    }
    return {ErrorCode::unavailable, what + "the machine failed to read or write" + cause};
}

rocksdb::CompressionType compression() {
    const auto available = rocksdb::GetSupportedCompressions();
    for (const auto wanted : {rocksdb::kLZ4Compression, rocksdb::kSnappyCompression}) {
        if (std::find(available.begin(), available.end(), wanted) != available.end()) return wanted;
    }
    return rocksdb::kNoCompression;
}

rocksdb::DBOptions database_options(const RocksDbOptions& options) {
    rocksdb::DBOptions database;
    database.create_if_missing = true;
    database.create_missing_column_families = true;
    database.paranoid_checks = true;
    database.track_and_verify_wals_in_manifest = true;
    // What was synced comes before what was not: a torn end is dropped, and nothing before it.
    database.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    database.max_open_files = options.open_files_max;
    database.db_write_buffer_size = options.write_buffer_bytes;
    database.max_total_wal_size = kTotalWalBytesMax;
    database.max_background_jobs = kBackgroundJobs;
    database.max_subcompactions = 1;
    database.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
    database.max_log_file_size = kLogFileBytes;
    database.keep_log_file_num = kLogFileCount;
    database.stats_dump_period_sec = 0;
    database.stats_persist_period_sec = 0;
    return database;
}

rocksdb::ColumnFamilyOptions family_options(const RocksDbOptions& options) {
    rocksdb::BlockBasedTableOptions table;
    rocksdb::LRUCacheOptions cache;
    cache.capacity = options.block_cache_bytes;
    table.block_cache = rocksdb::NewLRUCache(cache);
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
    table.checksum = rocksdb::kXXH3;
    table.verify_compression = true;
    table.format_version = 5;

    rocksdb::ColumnFamilyOptions family;
    family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    family.compression = compression();
    family.write_buffer_size = options.write_buffer_bytes / 2;
    family.max_write_buffer_number = kWriteBufferCountMax;
    family.paranoid_file_checks = false;  // reads each table again after it is written
    family.force_consistency_checks = true;
    family.enable_blob_files = true;
    family.min_blob_size = options.blob_size_min;
    family.enable_blob_garbage_collection = true;
    family.level_compaction_dynamic_level_bytes = true;
    return family;
}

// RocksDB makes a new store where CURRENT is missing, even over the files of an old one.
Expected<void> check_folder(const std::filesystem::path& folder) {
    std::error_code failure;
    std::filesystem::create_directories(folder, failure);
    if (failure == std::errc::permission_denied || failure == std::errc::read_only_file_system) {
        return fail(ErrorCode::forbidden, "make the folder " + folder.string() +
                                              ": permission denied; make it yourself, or use "
                                              "another data folder");
    }
    if (failure) {
        return fail(
            failure == std::errc::no_space_on_device ? ErrorCode::unavailable : ErrorCode::invalid,
            "make the folder " + folder.string() + ": " + failure.message());
    }
    bool has_tables = false;
    bool has_current = false;
    for (std::filesystem::directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure)) {
        const auto name = entry->path().filename().string();
        has_current = has_current || name == "CURRENT";
        has_tables = has_tables || name.ends_with(".sst") || name.ends_with(".blob");
    }
    if (failure) {
        return fail(ErrorCode::forbidden, "read the folder " + folder.string() + ": " +
                                              failure.message() +
                                              "; let the user who runs this read and write it");
    }
    if (has_tables && !has_current) {
        return fail(ErrorCode::corrupt, "open the store in " + folder.string() +
                                            ": its file CURRENT is missing; restore the data "
                                            "folder from a backup");
    }
    return {};
}

}  // namespace

struct RocksDbKeyValue::Database {
    std::string folder;
    std::unique_ptr<rocksdb::DB> database;
    rocksdb::ColumnFamilyHandle* rows = nullptr;
    rocksdb::ColumnFamilyHandle* format = nullptr;

    Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() {
        if (!database) return;
        if (rows != nullptr) database->DestroyColumnFamilyHandle(rows);
        if (format != nullptr) database->DestroyColumnFamilyHandle(format);
        // The WAL holds everything that a flush would write; recovery is the tested path.
        database->Close();
    }

    Error error(const rocksdb::Status& status, std::string_view doing) const {
        return error_of(status, folder, doing);
    }

    Expected<std::optional<Bytes>> get(ByteView key, const rocksdb::Snapshot* at) const {
        rocksdb::ReadOptions options;
        options.snapshot = at;
        rocksdb::PinnableSlice value;
        const rocksdb::Status status = database->Get(options, rows, slice(key), &value);
        if (status.IsNotFound()) return std::optional<Bytes>{};
        if (!status.ok()) return Unexpected(error(status, "read from"));
        return std::optional<Bytes>(to_bytes(view(value)));
    }

    Expected<std::vector<std::optional<Bytes>>> multi_get(const std::vector<Bytes>& keys,
                                                          const rocksdb::Snapshot* at) const {
        rocksdb::ReadOptions options;
        options.snapshot = at;
        std::vector<rocksdb::Slice> names;
        names.reserve(keys.size());
        for (const Bytes& key : keys) names.push_back(slice(key));
        std::vector<rocksdb::PinnableSlice> found(keys.size());
        std::vector<rocksdb::Status> statuses(keys.size());
        database->MultiGet(options, rows, keys.size(), names.data(), found.data(), statuses.data());
        std::vector<std::optional<Bytes>> values(keys.size());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (statuses[i].IsNotFound()) continue;
            if (!statuses[i].ok()) return Unexpected(error(statuses[i], "read from"));
            values[i] = to_bytes(view(found[i]));
        }
        return values;
    }

    Expected<void> scan(ByteView from, ByteView to, const Visitor& visit,
                        const rocksdb::Snapshot* at) const {
        const rocksdb::Slice end = slice(to);
        rocksdb::ReadOptions options;
        options.snapshot = at;
        options.readahead_size = kScanReadaheadBytes;
        if (!to.empty()) options.iterate_upper_bound = &end;
        const std::unique_ptr<rocksdb::Iterator> iterator(database->NewIterator(options, rows));
        for (iterator->Seek(slice(from)); iterator->Valid(); iterator->Next()) {
            if (!visit(view(iterator->key()), view(iterator->value()))) break;
        }
        if (!iterator->status().ok()) return Unexpected(error(iterator->status(), "scan"));
        return {};
    }

    Expected<void> write(rocksdb::WriteBatch& batch, Durability durability) {
        rocksdb::WriteOptions options;
        options.sync = durability == Durability::synced;
        const rocksdb::Status status = database->Write(options, &batch);
        if (!status.ok()) return Unexpected(error(status, "write to"));
        return {};
    }

    Expected<void> write_format_version(std::uint32_t version) {
        Bytes value;
        append_big_endian_32(value, version);
        rocksdb::WriteBatch batch;
        batch.Put(format, kFormatKey, slice(value));
        return write(batch, Durability::synced);
    }

    Expected<void> check_format_version() {
        std::string value;
        const rocksdb::Status status =
            database->Get(rocksdb::ReadOptions(), format, kFormatKey, &value);
        if (status.IsNotFound()) return write_format_version(kStoreFormatVersion);
        if (!status.ok()) return Unexpected(error(status, "open"));
        if (value.size() != sizeof(std::uint32_t)) {
            return fail(ErrorCode::corrupt, "open the store in " + folder +
                                                ": the row with its format's version has " +
                                                std::to_string(value.size()) + " bytes, not 4");
        }
        const std::uint32_t version = read_big_endian_32(as_bytes(value));
        if (version <= kStoreFormatVersion && version > 0) return {};
        return fail(ErrorCode::unsupported,
                    "open the store in " + folder + ": it has format " + std::to_string(version) +
                        ", and this program reads formats up to " +
                        std::to_string(kStoreFormatVersion) + "; use the newer program");
    }
};

class RocksDbKeyValue::Snapshot : public KeyValueReader {
  public:
    explicit Snapshot(std::shared_ptr<const Database> database)
        : database_(std::move(database)), snapshot_(database_->database->GetSnapshot()) {}
    ~Snapshot() override { database_->database->ReleaseSnapshot(snapshot_); }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    Expected<std::optional<Bytes>> get(ByteView key) const override {
        return database_->get(key, snapshot_);
    }
    Expected<std::vector<std::optional<Bytes>>> multi_get(
        const std::vector<Bytes>& keys) const override {
        return database_->multi_get(keys, snapshot_);
    }
    Expected<void> scan(ByteView from, ByteView to, const Visitor& visit) const override {
        return database_->scan(from, to, visit, snapshot_);
    }

  private:
    std::shared_ptr<const Database> database_;
    const rocksdb::Snapshot* snapshot_;
};

RocksDbKeyValue::RocksDbKeyValue(std::shared_ptr<Database> database)
    : database_(std::move(database)) {}

RocksDbKeyValue::~RocksDbKeyValue() = default;

Expected<std::unique_ptr<RocksDbKeyValue>> RocksDbKeyValue::open(
    const std::filesystem::path& folder, const RocksDbOptions& options) {
    ASHLAR_CHECK(check_folder(folder));
    auto database = std::make_shared<Database>();
    database->folder = folder.string();
    const auto family = family_options(options);
    const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
        {rocksdb::kDefaultColumnFamilyName, family}, {kFormatFamily, family}};
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::Open(database_options(options), database->folder, families, &handles, &opened);
    if (!status.ok()) return Unexpected(error_of(status, database->folder, "open"));
    database->database.reset(opened);
    database->rows = handles[0];
    database->format = handles[1];
    ASHLAR_CHECK(database->check_format_version());
    return std::unique_ptr<RocksDbKeyValue>(new RocksDbKeyValue(std::move(database)));
}

Expected<std::optional<Bytes>> RocksDbKeyValue::get(ByteView key) const {
    return database_->get(key, nullptr);
}

Expected<std::vector<std::optional<Bytes>>> RocksDbKeyValue::multi_get(
    const std::vector<Bytes>& keys) const {
    return database_->multi_get(keys, nullptr);
}

Expected<void> RocksDbKeyValue::scan(ByteView from, ByteView to, const Visitor& visit) const {
    return database_->scan(from, to, visit, nullptr);
}

std::unique_ptr<KeyValueReader> RocksDbKeyValue::snapshot() const {
    return std::make_unique<Snapshot>(database_);
}

Expected<void> RocksDbKeyValue::commit(const WriteBatch& batch, Durability durability) {
    rocksdb::WriteBatch operations(batch.byte_count());
    for (const WriteBatch::Operation& operation : batch.operations()) {
        if (operation.value) {
            operations.Put(database_->rows, slice(operation.key), slice(*operation.value));
        } else {
            operations.Delete(database_->rows, slice(operation.key));
        }
    }
    return database_->write(operations, durability);
}

Expected<void> RocksDbKeyValue::set_format_version(std::uint32_t version) {
    return database_->write_format_version(version);
}

}  // namespace ashlar::storage
