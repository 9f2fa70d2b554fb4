// FileSystem on the machine's own, below one folder.
#pragma once

#include <filesystem>
#include <utility>

#include "native/machine/descriptor.h"
#include "native/machine/small_file.h"
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

using machine::error_from_errno;
using machine::read_small_file;
using machine::write_file_durably;

}  // namespace ashlar::storage
