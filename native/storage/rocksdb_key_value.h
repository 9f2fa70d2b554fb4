// KeyValue in RocksDB. Only its .cpp knows RocksDB.
//
// The store lies in one folder, which one process opens at a time. A row of its own (in a column
// family that callers do not see) holds the format's version; a store of a newer format is refused
// before anything is written to it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/key_value.h"

namespace ashlar::storage {

// What docs/formats.md describes. It goes up when an older program could no longer read the rows.
inline constexpr std::uint32_t kStoreFormatVersion = 1;

struct RocksDbOptions {
    std::size_t block_cache_bytes = std::size_t{32} << 20;
    // Of all tables in memory together; what exceeds it is flushed.
    std::size_t write_buffer_bytes = std::size_t{32} << 20;
    int open_files_max = 256;
    // Values from this size on (small packs) lie in blob files, so that compaction does not copy
    // them again and again.
    std::uint64_t blob_size_min = std::uint64_t{8} << 10;
};

class RocksDbKeyValue : public KeyValue {
  public:
    // Opens the store in `folder`, or makes one where nothing is. Fails with `unavailable` where
    // another process has it open or the disk is full, `forbidden` without the permission,
    // `unsupported` where its format is newer than ours, and `corrupt` where it is damaged. The
    // detail says what to do.
    static Expected<std::unique_ptr<RocksDbKeyValue>> open(const std::filesystem::path& folder,
                                                           const RocksDbOptions& options = {});
    ~RocksDbKeyValue() override;
    RocksDbKeyValue(const RocksDbKeyValue&) = delete;
    RocksDbKeyValue& operator=(const RocksDbKeyValue&) = delete;

    Expected<std::optional<Bytes>> get(ByteView key) const override;
    Expected<std::vector<std::optional<Bytes>>> multi_get(
        const std::vector<Bytes>& keys) const override;
    Expected<void> scan(ByteView from, ByteView to, const Visitor& visit) const override;
    std::unique_ptr<KeyValueReader> snapshot() const override;
    Expected<void> commit(const WriteBatch& batch, Durability durability) override;

    // Writes the format's version over, as a newer program would; for tests of the refusal.
    Expected<void> set_format_version(std::uint32_t version);

  private:
    struct Database;
    class Snapshot;
    explicit RocksDbKeyValue(std::shared_ptr<Database> database);
    std::shared_ptr<Database> database_;
};

}  // namespace ashlar::storage
