#include "native/machine/descriptor.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace ashlar::machine {

namespace {
constexpr mode_t kFileMode = 0600;
}

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

Error error_from_errno(int number, const std::string& doing) {
    const std::string what = doing + ": " + std::generic_category().message(number);
    switch (number) {
        case ENOSPC:
        case EDQUOT:
            return {ErrorCode::unavailable, what + "; free some space on that disk"};
        case EMFILE:
        case ENFILE:
            return {ErrorCode::unavailable, what + "; raise the limit on open files (ulimit -n)"};
        case ENOMEM:
        case EAGAIN:
            return {ErrorCode::unavailable, what};
        case EACCES:
        case EPERM:
        case EROFS:
            return {ErrorCode::forbidden, what + "; let the user who runs this read and write it"};
        case ENOENT:
            return {ErrorCode::not_found, what};
        default:
            return {ErrorCode::corrupt, what};
    }
}

Unexpected failed(const std::string& doing) {
    return Unexpected(error_from_errno(errno, doing));
}

Expected<Descriptor> open_file(const std::string& path, int flags) {
    int number = -1;
    do {
        number = ::open(path.c_str(), flags | O_CLOEXEC, kFileMode);
    } while (number < 0 && errno == EINTR);
    if (number < 0) return failed("open " + path);
    return Descriptor(number);
}

Expected<void> write_all(int file, std::uint64_t offset, ByteView bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written =
            ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("write " + path);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return {};
}

Expected<void> read_all(int file, std::uint64_t offset, std::span<Byte> into,
                        const std::string& path) {
    while (!into.empty()) {
        const ssize_t count = ::pread(file, into.data(), into.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed("read " + path);
        if (count == 0) {
            return fail(ErrorCode::corrupt, "read " + path + ": it ends before offset " +
                                                std::to_string(offset + into.size()));
        }
        into = into.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return {};
}

}  // namespace ashlar::machine
