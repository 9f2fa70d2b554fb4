// PackStore on a machine: large packs are immutable files, small ones values in the KeyValue store,
// so that a million small pushes are not a million files.
//
//   packs/ab/<digest>.pack, .index   a large pack and its index
//   packs/ab/<digest>.graph          what reaches what in it (git/pack/pack_graph.h), if known
//   staging/<number>.pack, .index    packs that are arriving, and .graph; emptied on open
//   row "Pm" <digest>                placement (1 byte), manifest: the pack is stored
//   row "Pb" <digest>                body of a small pack
//   row "Pi" <digest>                its index
//   row "Pd" <digest>                a small pack that was removed while somebody read it
//
// A large pack's bytes, index and names are durable before its manifest row is; a small pack is one
// synced commit. What has no manifest is swept away on open.
//
// A full disk is an error of the one who writes. Any other failure of a write or a sync leaves the
// store in doubt: it is reported to `on_failure`, which ends the process.
#pragma once

#include <functional>
#include <memory>

#include "base/key_value.h"
#include "git/pack/pack_store.h"
#include "native/storage/file_system.h"

namespace ashlar::storage {

// From this size on a pack is a file.
inline constexpr std::uint64_t kLargePackBytes = std::uint64_t{1} << 20;
// A pack whose index is larger than this is a file too, for small ones are held in memory.
inline constexpr std::uint64_t kSmallIndexBytesMax = std::uint64_t{256} << 10;

// A larger index is read piece by piece: pages of a mapping count as memory of the process, and a
// walk would touch all of them.
inline constexpr std::uint64_t kMappedIndexBytesMax = std::uint64_t{64} << 20;

struct FilePackStoreOptions {
    // Bodies of small packs that are kept in memory.
    std::size_t body_cache_bytes = std::size_t{16} << 20;
    // Pushes are refused when less is free, so that rows can still be written.
    std::uint64_t free_bytes_min = std::uint64_t{128} << 20;
};

class PackShelf;

class FilePackStore final : public git::PackStore {
  public:
    using OnFailure = std::function<void(const Error&)>;

    // Sweeps away what a crash left. `rows` must outlive the store and every reader of its packs.
    static Expected<std::unique_ptr<FilePackStore>> open(KeyValue& rows,
                                                         std::shared_ptr<FileSystem> files,
                                                         OnFailure on_failure,
                                                         const FilePackStoreOptions& options = {});
    ~FilePackStore() override;
    FilePackStore(const FilePackStore&) = delete;
    FilePackStore& operator=(const FilePackStore&) = delete;

    Expected<std::unique_ptr<git::PackStaging>> stage() override;
    Expected<std::shared_ptr<const git::StoredPack>> open(const git::PackDigest& digest) override;
    Expected<bool> contains(const git::PackDigest& digest) override;
    Expected<std::vector<git::PackDigest>> list() override;
    Expected<void> remove(const git::PackDigest& digest) override;
    Expected<void> put_graph(const git::PackDigest& digest, ByteView graph) override;

    // Reads the whole pack and compares every hash. Fails with `corrupt`, naming what differs.
    Expected<void> verify(const git::PackDigest& digest);

  private:
    explicit FilePackStore(std::shared_ptr<PackShelf> shelf);
    std::shared_ptr<PackShelf> shelf_;  // shared with stagings and open packs
};

}  // namespace ashlar::storage
