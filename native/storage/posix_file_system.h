// FileSystem on the machine's own, below one folder.
#pragma once

#include <filesystem>
#include <utility>

#include "native/storage/file_system.h"

namespace ashlar::storage {

class PosixFileSystem final : public FileSystem {
  public:
    // The folder is made when the first thing is made in it.
    explicit PosixFileSystem(std::filesystem::path root) : root_(std::move(root)) {}

    Expected<std::unique_ptr<WritableFile>> create(const std::string& path) override;
    Expected<std::shared_ptr<const RandomAccess>> open(const std::string& path,
                                                       FileAccess access) override;
    Expected<void> rename(const std::string& from, const std::string& to) override;
    Expected<void> remove(const std::string& path) override;
    Expected<void> make_folder(const std::string& path) override;
    Expected<std::vector<std::string>> list(const std::string& folder) override;
    Expected<void> sync_folder(const std::string& path) override;
    Expected<std::uint64_t> free_bytes() override;

  private:
    std::filesystem::path root_;
};

// Lets this process open as many files as its hard limit allows: each large pack that is read
// takes two.
void raise_open_files_limit();

// The error for an errno value, in the words of file_system.h. `doing` names what failed: "write
// packs/ab/...".
Error error_from_errno(int number, const std::string& doing);

// Writes a small file whole, readable by its owner only, and makes content and name durable:
// either the file is there with all of its content after a crash, or it is not there.
Expected<void> write_file_durably(const std::filesystem::path& path, ByteView content);
// A small file, whole. Fails with `not_found`, with `limit_exceeded` beyond `size_max`.
Expected<Bytes> read_small_file(const std::filesystem::path& path, std::size_t size_max);

}  // namespace ashlar::storage
