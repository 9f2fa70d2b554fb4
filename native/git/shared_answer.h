// One answer that is recorded while it is produced, and read by many; see answer_cache.h.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/chunk_stream.h"

namespace ashlar::native {

// An unnamed file that grows: its space goes with the last reader.
class SpillFile : public RandomAccess {
  public:
    // Fails with `unavailable` where the folder cannot be written.
    static Expected<std::shared_ptr<SpillFile>> create(const std::string& folder);
    ~SpillFile() override;
    SpillFile(const SpillFile&) = delete;
    SpillFile& operator=(const SpillFile&) = delete;

    // Fails with `unavailable` where the disk is full.
    Expected<void> append(ByteView bytes);
    std::uint64_t size() const override { return size_; }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override;
    std::optional<int> file_descriptor() const override { return descriptor_; }

  private:
    explicit SpillFile(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
    std::uint64_t size_ = 0;
};

class SharedAnswer {
  public:
    using Produce = std::function<Expected<std::unique_ptr<ChunkStream>>()>;
    // `changes` goes up with each step of recording, and where it fails.
    SharedAnswer(std::unique_ptr<ChunkStream> producer, Produce produce_again, std::string folder,
                 std::shared_ptr<std::atomic<std::uint64_t>> changes);

    // The chunk at the position, producing it where nobody has yet; nothing after the last. Fails
    // at the position where it stopped recording.
    Expected<std::optional<Chunk>> chunk(std::size_t position);
    // The answer from the position on, for one reader, once recording has stopped. The first who
    // asks gets the producer, the others one of their own.
    Expected<std::unique_ptr<ChunkStream>> go_on_alone(std::size_t position);

    // These never wait for a chunk that is being produced.
    bool stopped_recording() const { return stopped_recording_; }
    bool failed() const { return failed_; }      // also where recording stopped: nobody else joins
    bool finished() const { return finished_; }  // nothing will be produced any more
    std::uint64_t recorded_bytes() const { return recorded_bytes_; }

  private:
    // All are called with mutex_ held.
    Expected<void> produce_one();
    Expected<void> record(Chunk& chunk);
    Expected<void> record_bytes(Bytes& bytes);

    const std::shared_ptr<std::atomic<std::uint64_t>> changes_;
    std::mutex mutex_;
    std::unique_ptr<ChunkStream> producer_;  // gone when the answer is finished or failed
    Produce produce_again_;                  // gone when it is finished
    std::optional<Chunk> unrecorded_;        // what the producer gave and the disk did not take
    const std::string folder_;
    std::vector<Chunk> chunks_;
    std::shared_ptr<SpillFile> spill_;  // made when memory_bytes_ passes kAnswerMemoryBytesMax
    std::uint64_t memory_bytes_ = 0;
    std::optional<Error> error_;
    std::atomic<bool> stopped_recording_ = false;
    std::atomic<bool> failed_ = false;
    std::atomic<bool> finished_ = false;
    std::atomic<std::uint64_t> recorded_bytes_ = 0;
};

}  // namespace ashlar::native
