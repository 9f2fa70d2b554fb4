// Where the packs of a FilePackStore lie: rows and files, and who reads them. Internal to the pack
// store; stagings and open packs share it, so it lives as long as any of them.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "native/storage/body_cache.h"
#include "native/storage/file_pack_store.h"

namespace ashlar::storage {

enum class Placement : Byte { rows = 0, files = 1 };

struct ShelvedPack {
    Placement placement = Placement::rows;
    git::PackManifest manifest;
};

class PackShelf : public std::enable_shared_from_this<PackShelf> {
  public:
    PackShelf(KeyValue& rows, std::shared_ptr<FileSystem> files,
              FilePackStore::OnFailure on_failure, const FilePackStoreOptions& options);

    FileSystem& files() { return *files_; }
    const FilePackStoreOptions& options() const { return options_; }
    std::string next_staging_name();

    // Passes a result on; a failure that leaves the disk in doubt is reported on the way.
    template <typename T>
    Expected<T> watched(Expected<T> result) {
        if (!result && result.error().code == ErrorCode::corrupt) on_failure_(result.error());
        return result;
    }

    Expected<void> make_folders();
    Expected<void> sweep();
    Expected<std::optional<ShelvedPack>> find(const git::PackDigest& digest) const;
    Expected<std::vector<git::PackDigest>> list() const;

    // Put a pack on the shelf, unless it is there. `staged` is the name in staging/ without its
    // ending; body and index are durable there.
    Expected<void> put_in_rows(const git::PackManifest& manifest, ByteView body, ByteView index);
    Expected<void> put_in_files(const git::PackManifest& manifest, const std::string& staged);
    Expected<void> put_graph(const git::PackDigest& digest, ByteView graph);

    Expected<std::shared_ptr<const git::StoredPack>> open(const git::PackDigest& digest);
    Expected<void> remove(const git::PackDigest& digest);

  private:
    class RowBody;
    struct Readers {
        std::size_t count = 0;
        bool removed = false;  // the rows go with the last reader
    };

    std::mutex& stripe(const git::PackDigest& digest);
    Expected<void> commit(const WriteBatch& batch, Durability durability);
    Expected<std::shared_ptr<git::StoredPack>> open_rows(const git::PackDigest& digest,
                                                         const git::PackManifest& manifest);
    Expected<std::shared_ptr<git::StoredPack>> open_files(const git::PackDigest& digest,
                                                          const git::PackManifest& manifest);
    // Nothing where there is none, or only a damaged one.
    std::shared_ptr<const git::PackGraph> open_graph(
        const git::PackDigest& digest, const std::shared_ptr<const RandomAccess>& index);
    Expected<std::shared_ptr<const Bytes>> read_body(const git::PackDigest& digest);
    void begin_reading(const git::PackDigest& digest);
    void end_reading(const git::PackDigest& digest);
    Expected<void> remove_rows(const git::PackDigest& digest);
    Expected<void> remove_files(const git::PackDigest& digest);
    Expected<void> sweep_files();
    Expected<void> sweep_rows();

    KeyValue& rows_;
    std::shared_ptr<FileSystem> files_;
    const FilePackStore::OnFailure on_failure_;
    const FilePackStoreOptions options_;
    BodyCache cache_;
    std::atomic<std::uint64_t> staging_count_ = 0;

    // Held while one pack is put or removed; packs share stripes.
    std::array<std::mutex, 64> stripes_;
    std::mutex open_mutex_;
    std::unordered_map<git::PackDigest, std::weak_ptr<const git::StoredPack>> open_;
    std::unordered_map<git::PackDigest, Readers> readers_;
};

// "packs/ab/<digest>.pack"
std::string pack_path(const git::PackDigest& digest);
std::string index_path(const git::PackDigest& digest);
std::string graph_path(const git::PackDigest& digest);
std::string staged_pack_path(const std::string& name);
std::string staged_index_path(const std::string& name);
std::string staged_graph_path(const std::string& name);

}  // namespace ashlar::storage
