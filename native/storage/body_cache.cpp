#include "native/storage/body_cache.h"

#include <utility>

namespace ashlar::storage {

std::shared_ptr<const Bytes> BodyCache::find(const git::PackDigest& digest) {
    const std::lock_guard lock(mutex_);
    const auto found = by_digest_.find(digest);
    if (found == by_digest_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->body;
}

void BodyCache::put(const git::PackDigest& digest, std::shared_ptr<const Bytes> body) {
    if (body->size() > bytes_max_) return;
    const std::lock_guard lock(mutex_);
    if (by_digest_.contains(digest)) return;
    bytes_ += body->size();
    entries_.push_front({digest, std::move(body)});
    by_digest_[digest] = entries_.begin();
    while (bytes_ > bytes_max_) erase(std::prev(entries_.end()));
}

void BodyCache::remove(const git::PackDigest& digest) {
    const std::lock_guard lock(mutex_);
    const auto found = by_digest_.find(digest);
    if (found != by_digest_.end()) erase(found->second);
}

void BodyCache::erase(std::list<Entry>::iterator entry) {
    bytes_ -= entry->body->size();
    by_digest_.erase(entry->digest);
    entries_.erase(entry);
}

}  // namespace ashlar::storage
