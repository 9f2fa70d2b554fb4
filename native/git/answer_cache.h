// Long answers (packs) that many clients ask for are produced once.
//
// Whoever asks for a key that is being produced, or was, reads the same recording: one producer,
// many readers, each at its own pace. There is no producing thread: whichever reader comes to the
// end of the recording pulls the next chunk for all, so a slow reader never holds the others back,
// and production stops by itself when everybody has gone.
//
// Ranges of stored packs are recorded as ranges, so the answer to a full clone costs a few hundred
// bytes a megabyte. Other bytes go to one unnamed file per answer once they pass
// kAnswerMemoryBytesMax, so memory does not grow with the answer. Where that file cannot be written
// (the disk is full), nothing more is recorded: one reader goes on with the producer, and each of
// the others has one of its own made, which gives the same chunks again.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/chunk_stream.h"
#include "crypto/digest.h"

namespace ashlar::native {

inline constexpr std::uint64_t kAnswerMemoryBytesMax = std::uint64_t{128} << 10;

class SharedAnswer;

class AnswerCache {
  public:
    // `folder` holds the unnamed files; finished answers are kept up to `bytes_max` of recorded
    // bytes and `count_max` answers, least recently asked for first out. An answer larger than
    // `bytes_max` is still shared by those who read it at once, and then forgotten.
    AnswerCache(std::string folder, std::uint64_t bytes_max, std::size_t count_max);
    ~AnswerCache();
    AnswerCache(const AnswerCache&) = delete;
    AnswerCache& operator=(const AnswerCache&) = delete;

    // A reader of the answer. `produce` is called, at once and on this thread, only where nothing
    // is recorded under the key; its errors are passed on and nothing is kept. It is kept, and
    // called again where a reader has to go on alone, until the answer is finished: each time it
    // gives the same chunks. May be called from any thread; one reader belongs to one thread at a
    // time, and goes before the cache.
    using Produce = std::function<Expected<std::unique_ptr<ChunkStream>>()>;
    Expected<std::unique_ptr<ChunkStream>> open(const crypto::Digest& key, const Produce& produce);

    // Forgets an answer that nobody reads any more before it was finished: it would hold what it
    // reads from for nobody.
    void forget_abandoned(const crypto::Digest& key);

    std::uint64_t recorded_bytes() const;
    std::size_t answer_count() const;

  private:
    struct Entry {
        crypto::Digest key;
        std::shared_ptr<SharedAnswer> answer;
    };

    // Both are called with mutex_ held. Surplus comes with what was added, or has grown since the
    // last call.
    void forget_failed_and_surplus();
    std::shared_ptr<SharedAnswer> find(const crypto::Digest& key);

    const std::string folder_;
    const std::uint64_t bytes_max_;
    const std::size_t count_max_;
    const std::shared_ptr<std::atomic<std::uint64_t>> changes_;  // counted by the answers
    mutable std::mutex mutex_;
    std::uint64_t changes_seen_ = 0;
    std::list<Entry> entries_;  // most recently asked for first
    std::unordered_map<crypto::Digest, std::list<Entry>::iterator> by_key_;
};

}  // namespace ashlar::native
