// The few things that the pack store asks of a file system, so that a test can give one that
// crashes. Paths are relative to the root that the implementation was given.
//
// Errors: `unavailable` where the disk is full or a resource of the system is exhausted (trying
// again may help), `forbidden` without the permission, `not_found`, and `corrupt` where the medium
// fails: after that what is on the disk is in doubt, and whoever wrote ends the process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/random_access.h"

namespace ashlar::storage {

// A file that is being written. One writer; reads may come from any thread meanwhile.
class WritableFile {
  public:
    virtual ~WritableFile() = default;
    virtual Expected<void> append(ByteView bytes) = 0;
    virtual Expected<void> write_at(std::uint64_t offset, ByteView bytes) = 0;
    virtual Expected<void> read(std::uint64_t offset, std::span<Byte> into) const = 0;
    // The content is durable when this returns. The name is when its folder is synced.
    virtual Expected<void> sync() = 0;
};

enum class FileAccess { by_reading, by_mapping };

class FileSystem {
  public:
    virtual ~FileSystem() = default;
    // An empty file that did not exist.
    virtual Expected<std::unique_ptr<WritableFile>> create(const std::string& path) = 0;
    // Stays readable when the name is removed.
    virtual Expected<std::shared_ptr<const RandomAccess>> open(const std::string& path,
                                                               FileAccess access) = 0;
    virtual Expected<void> rename(const std::string& from, const std::string& to) = 0;
    // Nothing happens where there is no such file.
    virtual Expected<void> remove(const std::string& path) = 0;
    // Nothing happens where it exists. Its parent exists.
    virtual Expected<void> make_folder(const std::string& path) = 0;
    // Names (not paths) in a folder, sorted.
    virtual Expected<std::vector<std::string>> list(const std::string& folder) = 0;
    // Names that were made, renamed or removed in the folder are durable when this returns.
    virtual Expected<void> sync_folder(const std::string& path) = 0;
    // What can still be written.
    virtual Expected<std::uint64_t> free_bytes() = 0;
};

}  // namespace ashlar::storage
