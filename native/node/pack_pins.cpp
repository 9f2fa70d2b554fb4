#include "native/node/pack_pins.h"

#include <utility>

namespace ashlar::node {

Expected<PackPins::Published> PackPins::publish(const Publish& publish) {
    {
        const std::lock_guard lock(mutex_);
        ++publishing_;
    }
    auto manifest = publish();
    const std::lock_guard lock(mutex_);
    --publishing_;
    if (!manifest) return Unexpected(std::move(manifest).error());
    const git::PackDigest digest = manifest->digest();
    return Published{std::move(*manifest), pin(digest)};
}

std::unique_ptr<PackPins::Pin> PackPins::pin(const git::PackDigest& digest) {
    const std::lock_guard lock(counts_mutex_);
    ++counts_[digest];
    return std::make_unique<Pin>(*this, digest);
}

bool PackPins::is_pinned(const git::PackDigest& digest) {
    const std::lock_guard lock(counts_mutex_);
    return counts_.contains(digest);
}

void PackPins::unpin(const git::PackDigest& digest) {
    const std::lock_guard lock(counts_mutex_);
    const auto found = counts_.find(digest);
    if (--found->second == 0) counts_.erase(found);
}

bool PackPins::while_nothing_is_published(const std::function<void(const IsPinned&)>& work) {
    const std::lock_guard lock(mutex_);
    if (publishing_ > 0) return false;
    work([this](const git::PackDigest& digest) { return is_pinned(digest); });
    return true;
}

bool PackPins::may_be_removed(const git::PackDigest& digest, std::uint64_t unattached_ms) {
    const Time now = std::chrono::steady_clock::now();
    if (is_pinned(digest)) {
        if (unattached_ms > 0) unattached_since_[digest] = now;
        return false;
    }
    if (unattached_ms == 0) return true;
    const Time since = unattached_since_.emplace(digest, now).first->second;
    if (now - since < std::chrono::milliseconds(unattached_ms)) return false;
    unattached_since_.erase(digest);
    return true;
}

void PackPins::is_attached(const git::PackDigest& digest) {
    unattached_since_.erase(digest);
}

Expected<std::unique_ptr<PackPins::Pin>> PackPins::pin_if(
    const git::PackDigest& digest, const std::function<Expected<bool>()>& find) {
    const std::lock_guard lock(mutex_);
    ASHLAR_TRY(const bool found, find());
    if (!found) return std::unique_ptr<Pin>();
    unattached_since_[digest] = std::chrono::steady_clock::now();
    return pin(digest);
}

}  // namespace ashlar::node
