#include "native/storage/posix_file_system.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "native/machine/descriptor.h"

namespace ashlar::storage {
namespace {

using machine::Descriptor;
using machine::failed;
using machine::open_file;
using machine::read_all;
using machine::write_all;

// Space is asked for ahead in steps, so that a growing file stays in few pieces.
constexpr std::uint64_t kPreallocationBytes = std::uint64_t{16} << 20;
// Dirty pages are handed to the disk as they come, so that the sync at the end is short.
constexpr std::uint64_t kWritebackBytes = std::uint64_t{8} << 20;

class PosixWritableFile final : public WritableFile {
  public:
    PosixWritableFile(Descriptor file, std::string path)
        : file_(std::move(file)), path_(std::move(path)) {}

    Expected<void> append(ByteView bytes) override {
        ASHLAR_CHECK(preallocate(size_ + bytes.size()));
        ASHLAR_CHECK(write_all(file_.number(), size_, bytes, path_));
        size_ += bytes.size();
        if (size_ - handed_over_ >= kWritebackBytes) {
            // Only a hint: sync() is what counts.
            ::sync_file_range(file_.number(), static_cast<off_t>(handed_over_),
                              static_cast<off_t>(size_ - handed_over_), SYNC_FILE_RANGE_WRITE);
            handed_over_ = size_;
        }
        return {};
    }

    Expected<void> write_at(std::uint64_t offset, ByteView bytes) override {
        return write_all(file_.number(), offset, bytes, path_);
    }

    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        return read_all(file_.number(), offset, into, path_);
    }

    Expected<void> sync() override {
        // Gives back what was asked for beyond the end.
        if (preallocated_ > size_ && ::ftruncate(file_.number(), static_cast<off_t>(size_)) != 0) {
            return failed("truncate " + path_);
        }
        preallocated_ = size_;
        if (::fdatasync(file_.number()) != 0) return failed("sync " + path_);
        return {};
    }

  private:
    Expected<void> preallocate(std::uint64_t size) {
        if (!can_preallocate_ || size <= preallocated_ || size < kPreallocationBytes) return {};
        const std::uint64_t wanted = size + kPreallocationBytes;
        if (::fallocate(file_.number(), FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(wanted)) == 0) {
            preallocated_ = wanted;
            return {};
        }
        if (errno == ENOSPC || errno == EDQUOT) return failed("make room for " + path_);
        can_preallocate_ = false;  // not every file system can; writing says what is wrong
        return {};
    }

    Descriptor file_;
    const std::string path_;
    std::uint64_t size_ = 0;
    std::uint64_t preallocated_ = 0;
    std::uint64_t handed_over_ = 0;
    bool can_preallocate_ = true;
};

class PosixFile final : public RandomAccess {
  public:
    PosixFile(Descriptor file, std::string path, std::uint64_t size, void* mapping)
        : file_(std::move(file)), path_(std::move(path)), size_(size), mapping_(mapping) {}
    ~PosixFile() override {
        if (mapping_ != nullptr) ::munmap(mapping_, size_);
    }
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;

    std::uint64_t size() const override { return size_; }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        if (offset > size_ || into.size() > size_ - offset) {
            return fail(ErrorCode::corrupt, "read " + path_ + ": the range ends beyond its " +
                                                std::to_string(size_) + " bytes");
        }
        return read_all(file_.number(), offset, into, path_);
    }
    ByteView mapped() const override {
        return mapping_ == nullptr ? ByteView{}
                                   : ByteView{static_cast<const Byte*>(mapping_), size_};
    }
    std::optional<int> file_descriptor() const override { return file_.number(); }

  private:
    Descriptor file_;
    const std::string path_;
    const std::uint64_t size_;
    void* mapping_;
};

}  // namespace

void raise_open_files_limit() {
    struct rlimit limit = {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    // Where it cannot be raised, the one who opens too many is told how.
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

Expected<std::unique_ptr<WritableFile>> PosixFileSystem::create(const std::string& path) {
    const std::string full = (root_ / path).string();
    ASHLAR_TRY(auto file, open_file(full, O_RDWR | O_CREAT | O_EXCL));
    return std::make_unique<PosixWritableFile>(std::move(file), full);
}

Expected<std::shared_ptr<const RandomAccess>> PosixFileSystem::open(const std::string& path,
                                                                    FileAccess access) {
    const std::string full = (root_ / path).string();
    ASHLAR_TRY(auto file, open_file(full, O_RDONLY));
    struct stat status = {};
    if (::fstat(file.number(), &status) != 0) return failed("look at " + full);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    void* mapping = nullptr;
    if (access == FileAccess::by_mapping && size > 0) {
        mapping = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.number(), 0);
        if (mapping == MAP_FAILED) return failed("map " + full);
        ::madvise(mapping, size, MADV_RANDOM);
    }
    return std::make_shared<PosixFile>(std::move(file), full, size, mapping);
}

Expected<void> PosixFileSystem::rename(const std::string& from, const std::string& to) {
    if (::rename((root_ / from).c_str(), (root_ / to).c_str()) != 0) {
        return failed("rename " + (root_ / from).string() + " to " + (root_ / to).string());
    }
    return {};
}

Expected<void> PosixFileSystem::remove(const std::string& path) {
    if (::unlink((root_ / path).c_str()) != 0 && errno != ENOENT) {
        return failed("remove " + (root_ / path).string());
    }
    return {};
}

Expected<void> PosixFileSystem::make_folder(const std::string& path) {
    std::error_code failure;
    std::filesystem::create_directories(root_ / path, failure);
    if (failure) {
        return Unexpected(
            error_from_errno(failure.value(), "make the folder " + (root_ / path).string()));
    }
    return {};
}

Expected<std::vector<std::string>> PosixFileSystem::list(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code failure;
    for (std::filesystem::directory_iterator entry(root_ / folder, failure), end;
         !failure && entry != end; entry.increment(failure)) {
        names.push_back(entry->path().filename().string());
    }
    if (failure) {
        return Unexpected(
            error_from_errno(failure.value(), "list the folder " + (root_ / folder).string()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

Expected<void> PosixFileSystem::sync_folder(const std::string& path) {
    const std::string full = (root_ / path).string();
    ASHLAR_TRY(const auto folder, open_file(full, O_RDONLY | O_DIRECTORY));
    if (::fsync(folder.number()) != 0) return failed("sync the folder " + full);
    return {};
}

Expected<std::uint64_t> PosixFileSystem::free_bytes() {
    struct statvfs status = {};
    if (::statvfs(root_.c_str(), &status) != 0) return failed("look at " + root_.string());
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
}

}  // namespace ashlar::storage
