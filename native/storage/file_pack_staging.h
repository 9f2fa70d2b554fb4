// A pack that is arriving. The last bytes (up to 1 MiB) are in memory, what came before is in a
// file; a pack that never grows that large costs no file. Extents are hashed as they come, and
// again only where they were overwritten.
#pragma once

#include <memory>
#include <set>
#include <shared_mutex>

#include "native/storage/pack_shelf.h"

namespace ashlar::storage {

class FilePackStaging final : public git::PackStaging {
  public:
    explicit FilePackStaging(std::shared_ptr<PackShelf> shelf);
    ~FilePackStaging() override;
    FilePackStaging(const FilePackStaging&) = delete;
    FilePackStaging& operator=(const FilePackStaging&) = delete;

    std::uint64_t size() const override;
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override;
    Expected<void> append(ByteView bytes) override;
    Expected<void> overwrite(std::uint64_t offset, ByteView bytes) override;
    Expected<git::PackManifest> publish(std::uint64_t object_count, ByteView index) override;

  private:
    // All are called with mutex_ held, or by the one writer.
    std::uint64_t size_now() const { return file_size_ + tail_.size(); }
    Expected<void> read_now(std::uint64_t offset, std::span<Byte> into) const;
    Expected<void> flush_tail();
    void hash_appended(ByteView bytes);
    Expected<std::vector<crypto::Digest>> finish_extents();
    Expected<void> publish_files(const git::PackManifest& manifest, ByteView index);

    std::shared_ptr<PackShelf> shelf_;
    std::string name_;  // in staging/; empty while there is no file
    mutable std::shared_mutex mutex_;
    std::unique_ptr<WritableFile> file_;
    std::uint64_t file_size_ = 0;
    Bytes tail_;
    crypto::Hasher hasher_;  // of the extent that is not full yet
    std::vector<crypto::Digest> extents_;
    std::set<std::uint64_t> overwritten_;  // numbers of extents
    bool published_ = false;
};

}  // namespace ashlar::storage
