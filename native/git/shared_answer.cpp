#include "native/git/shared_answer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

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

SharedAnswer::SharedAnswer(std::unique_ptr<ChunkStream> producer, Produce produce_again,
                           std::string folder, std::shared_ptr<std::atomic<std::uint64_t>> changes)
    : changes_(std::move(changes)),
      producer_(std::move(producer)),
      produce_again_(std::move(produce_again)),
      folder_(std::move(folder)) {}

Expected<std::optional<Chunk>> SharedAnswer::chunk(std::size_t position) {
    std::lock_guard lock(mutex_);
    while (position >= chunks_.size()) {
        if (error_) return Unexpected(*error_);
        if (!producer_) return std::optional<Chunk>();
        auto produced = produce_one();
        ++*changes_;
        if (!produced) {
            error_ = produced.error();
            failed_ = true;
            // Without a recording the producer and the way to another one are still needed.
            if (stopped_recording_) continue;
            finished_ = true;
            producer_.reset();
            produce_again_ = nullptr;
        }
    }
    return std::optional<Chunk>(chunks_[position]);
}

Expected<void> SharedAnswer::produce_one() {
    ASHLAR_TRY(std::optional<Chunk> next, producer_->next());
    if (!next) {
        finished_ = true;
        producer_.reset();
        produce_again_ = nullptr;
        return {};
    }
    auto recorded = record(*next);
    if (recorded) return {};
    stopped_recording_ = true;
    unrecorded_ = std::move(next);
    return recorded;
}

Expected<void> SharedAnswer::record(Chunk& chunk) {
    if (auto* bytes = std::get_if<Bytes>(&chunk)) {
        ASHLAR_CHECK(record_bytes(*bytes));
    } else {
        chunks_.push_back(chunk);
    }
    recorded_bytes_ += sizeof(Chunk);
    return {};
}

Expected<void> SharedAnswer::record_bytes(Bytes& bytes) {
    const std::size_t size = bytes.size();
    if (!spill_ && memory_bytes_ + size <= kAnswerMemoryBytesMax) {
        memory_bytes_ += size;
        chunks_.emplace_back(std::move(bytes));
    } else {
        if (!spill_) {
            ASHLAR_TRY(spill_, SpillFile::create(folder_));
        }
        const std::uint64_t offset = spill_->size();
        ASHLAR_CHECK(spill_->append(bytes));
        chunks_.emplace_back(StoredRange{spill_, offset, size});
    }
    recorded_bytes_ += size;
    return {};
}

namespace {

// A producer whose next chunk was pulled already.
class Continued final : public ChunkStream {
  public:
    Continued(Chunk first, std::unique_ptr<ChunkStream> rest)
        : first_(std::move(first)), rest_(std::move(rest)) {}
    Expected<std::optional<Chunk>> next() override {
        if (first_) return std::exchange(first_, std::nullopt);
        return rest_->next();
    }

  private:
    std::optional<Chunk> first_;
    std::unique_ptr<ChunkStream> rest_;
};

// A producer of the same chunks, from the start: those that the reader has are passed over.
class Repeated final : public ChunkStream {
  public:
    Repeated(std::unique_ptr<ChunkStream> stream, std::size_t skip)
        : stream_(std::move(stream)), skip_(skip) {}
    Expected<std::optional<Chunk>> next() override {
        for (; skip_ > 0; --skip_) {
            ASHLAR_TRY(const std::optional<Chunk> passed, stream_->next());
            if (!passed) return fail(ErrorCode::corrupt, "an answer is shorter the second time");
        }
        return stream_->next();
    }

  private:
    std::unique_ptr<ChunkStream> stream_;
    std::size_t skip_;
};

}  // namespace

Expected<std::unique_ptr<ChunkStream>> SharedAnswer::go_on_alone(std::size_t position) {
    std::lock_guard lock(mutex_);
    if (producer_ && position == chunks_.size()) {
        return std::unique_ptr<ChunkStream>(
            std::make_unique<Continued>(*std::exchange(unrecorded_, {}), std::move(producer_)));
    }
    ASHLAR_TRY(auto stream, produce_again_());
    return std::unique_ptr<ChunkStream>(std::make_unique<Repeated>(std::move(stream), position));
}

}  // namespace ashlar::native
