#include "native/machine/small_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "native/machine/descriptor.h"

namespace ashlar::machine {

Expected<void> write_file_durably(const std::filesystem::path& path, ByteView content) {
    const std::string unfinished = path.string() + ".new";
    if (::unlink(unfinished.c_str()) != 0 && errno != ENOENT) return failed("remove " + unfinished);
    ASHLAR_TRY(const auto file, open_file(unfinished, O_WRONLY | O_CREAT | O_EXCL));
    ASHLAR_CHECK(write_all(file.number(), 0, content, unfinished));
    if (::fsync(file.number()) != 0) return failed("sync " + unfinished);
    if (::rename(unfinished.c_str(), path.c_str()) != 0) return failed("rename " + unfinished);
    const std::string folder = path.has_parent_path() ? path.parent_path().string() : ".";
    ASHLAR_TRY(const auto parent, open_file(folder, O_RDONLY | O_DIRECTORY));
    if (::fsync(parent.number()) != 0) return failed("sync the folder " + folder);
    return {};
}

Expected<Bytes> read_small_file(const std::filesystem::path& path, std::size_t size_max) {
    ASHLAR_TRY(const auto file, open_file(path.string(), O_RDONLY));
    struct stat status = {};
    if (::fstat(file.number(), &status) != 0) return failed("look at " + path.string());
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > size_max) {
        return fail(ErrorCode::limit_exceeded, "read " + path.string() + ": it has " +
                                                   std::to_string(size) + " bytes, and " +
                                                   std::to_string(size_max) + " is the limit");
    }
    Bytes content(size);
    ASHLAR_CHECK(read_all(file.number(), 0, content, path.string()));
    return content;
}

}  // namespace ashlar::machine
