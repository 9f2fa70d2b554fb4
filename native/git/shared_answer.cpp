#include "native/git/shared_answer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "native/git/answer_cache.h"

namespace ashlar::native {

namespace {

Unexpected system_error(const std::string& what) {
    return fail(ErrorCode::unavailable, what + ": " + std::strerror(errno));
}

}  // namespace

Expected<std::shared_ptr<SpillFile>> SpillFile::create(const std::string& folder) {
    int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0) return system_error("cannot make a file for an answer in " + folder);
    return std::shared_ptr<SpillFile>(new SpillFile(descriptor));
}

SpillFile::~SpillFile() {
    ::close(descriptor_);
}

Expected<void> SpillFile::append(ByteView bytes) {
    while (!bytes.empty()) {
        ssize_t written =
            ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return system_error("cannot keep an answer on disk");
        size_ += static_cast<std::uint64_t>(written);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Expected<void> SpillFile::read(std::uint64_t offset, std::span<Byte> into) const {
    while (!into.empty()) {
        ssize_t count = ::pread(descriptor_, into.data(), into.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return fail(ErrorCode::corrupt, "a kept answer is shorter than recorded");
        offset += static_cast<std::uint64_t>(count);
        into = into.subspan(static_cast<std::size_t>(count));
    }
    return {};
}

SharedAnswer::SharedAnswer(std::unique_ptr<ChunkStream> producer, std::string folder)
    : producer_(std::move(producer)), folder_(std::move(folder)) {}

Expected<std::optional<Chunk>> SharedAnswer::chunk(std::size_t position) {
    std::lock_guard lock(mutex_);
    while (position >= chunks_.size()) {
        if (error_) return Unexpected(*error_);
        if (!producer_) return std::optional<Chunk>();
        if (auto produced = produce_one(); !produced) {
            error_ = produced.error();
            failed_ = finished_ = true;
            producer_.reset();
        }
    }
    return std::optional<Chunk>(chunks_[position]);
}

Expected<void> SharedAnswer::produce_one() {
    ASHLAR_TRY(std::optional<Chunk> next, producer_->next());
    if (!next) {
        finished_ = true;
        producer_.reset();
        return {};
    }
    recorded_bytes_ += sizeof(Chunk);
    if (auto* bytes = std::get_if<Bytes>(&*next)) return record(std::move(*bytes));
    chunks_.push_back(std::move(*next));
    return {};
}

Expected<void> SharedAnswer::record(Bytes bytes) {
    recorded_bytes_ += bytes.size();
    if (!spill_ && memory_bytes_ + bytes.size() <= kAnswerMemoryBytesMax) {
        memory_bytes_ += bytes.size();
        chunks_.emplace_back(std::move(bytes));
        return {};
    }
    if (!spill_) {
        ASHLAR_TRY(spill_, SpillFile::create(folder_));
    }
    std::uint64_t offset = spill_->size();
    ASHLAR_CHECK(spill_->append(bytes));
    chunks_.emplace_back(StoredRange{spill_, offset, bytes.size()});
    return {};
}

}  // namespace ashlar::native
