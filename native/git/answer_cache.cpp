#include "native/git/answer_cache.h"

#include "native/git/shared_answer.h"

namespace ashlar::native {

namespace {

class Reader : public ChunkStream {
  public:
    Reader(AnswerCache& cache, const crypto::Digest& key, std::shared_ptr<SharedAnswer> answer)
        : cache_(cache), key_(key), answer_(std::move(answer)) {}
    ~Reader() override {
        bool unfinished = !answer_->finished();
        answer_.reset();
        if (unfinished) cache_.forget_abandoned(key_);
    }

    Expected<std::optional<Chunk>> next() override {
        if (alone_) return alone_->next();
        auto chunk = answer_->chunk(position_);
        if (chunk && *chunk) ++position_;
        if (chunk || !answer_->stopped_recording()) return chunk;
        ASHLAR_TRY(alone_, answer_->go_on_alone(position_));
        return alone_->next();
    }

  private:
    AnswerCache& cache_;
    const crypto::Digest key_;
    std::shared_ptr<SharedAnswer> answer_;
    std::size_t position_ = 0;
    std::unique_ptr<ChunkStream> alone_;
};

}  // namespace

AnswerCache::AnswerCache(std::string folder, std::uint64_t bytes_max, std::size_t count_max)
    : folder_(std::move(folder)),
      bytes_max_(bytes_max),
      count_max_(count_max),
      changes_(std::make_shared<std::atomic<std::uint64_t>>(0)) {}

AnswerCache::~AnswerCache() = default;

Expected<std::unique_ptr<ChunkStream>> AnswerCache::open(const crypto::Digest& key,
                                                         const Produce& produce) {
    std::lock_guard lock(mutex_);
    std::shared_ptr<SharedAnswer> answer = find(key);
    if (!answer) {
        // Making the stream is cheap (its work is in next()), so the lock is not held for long.
        ASHLAR_TRY(std::unique_ptr<ChunkStream> stream, produce());
        answer = std::make_shared<SharedAnswer>(std::move(stream), produce, folder_, changes_);
        if (auto failed = by_key_.find(key); failed != by_key_.end()) {
            entries_.erase(failed->second);
            by_key_.erase(failed);
        }
        entries_.push_front({key, answer});
        by_key_.emplace(key, entries_.begin());
        ++*changes_;
    }
    if (changes_seen_ != *changes_) forget_failed_and_surplus();
    return std::unique_ptr<ChunkStream>(std::make_unique<Reader>(*this, key, std::move(answer)));
}

void AnswerCache::forget_abandoned(const crypto::Digest& key) {
    std::lock_guard lock(mutex_);
    auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    const std::shared_ptr<SharedAnswer>& answer = found->second->answer;
    // New readers are made under the lock, so one holder is the cache alone.
    if (answer.use_count() > 1 || answer->finished()) return;
    entries_.erase(found->second);
    by_key_.erase(found);
}

std::shared_ptr<SharedAnswer> AnswerCache::find(const crypto::Digest& key) {
    auto found = by_key_.find(key);
    if (found == by_key_.end() || found->second->answer->failed()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->answer;
}

void AnswerCache::forget_failed_and_surplus() {
    changes_seen_ = *changes_;
    std::uint64_t bytes = 0;
    std::size_t count = 0;
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        std::uint64_t recorded = entry->answer->recorded_bytes();
        bool surplus = count + 1 > count_max_ || bytes + recorded > bytes_max_;
        // The newest is always kept, so that those who ask for it at once share it.
        bool newest = entry == entries_.begin();
        if (!newest && (surplus || entry->answer->failed())) {
            by_key_.erase(entry->key);
            entry = entries_.erase(entry);
            continue;
        }
        bytes += recorded;
        ++count;
        ++entry;
    }
}

std::uint64_t AnswerCache::recorded_bytes() const {
    std::lock_guard lock(mutex_);
    std::uint64_t bytes = 0;
    for (const Entry& entry : entries_) bytes += entry.answer->recorded_bytes();
    return bytes;
}

std::size_t AnswerCache::answer_count() const {
    std::lock_guard lock(mutex_);
    return entries_.size();
}

}  // namespace ashlar::native
