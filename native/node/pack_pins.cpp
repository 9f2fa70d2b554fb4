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
    ++counts_[digest];
    return Published{std::move(*manifest), std::make_unique<Pin>(*this, digest)};
}

void PackPins::unpin(const git::PackDigest& digest) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(digest);
    if (--found->second == 0) counts_.erase(found);
}

bool PackPins::while_nothing_is_published(const std::function<void(const IsPinned&)>& work) {
    const std::lock_guard lock(mutex_);
    if (publishing_ > 0) return false;
    work([this](const git::PackDigest& digest) { return counts_.contains(digest); });
    return true;
}

bool PackPins::may_be_removed(const git::PackDigest& digest, std::uint64_t unattached_ms) {
    if (counts_.contains(digest)) return false;
    if (unattached_ms == 0) return true;
    const Time now = std::chrono::steady_clock::now();
    const Time since = unattached_since_.emplace(digest, now).first->second;
    if (now - since < std::chrono::milliseconds(unattached_ms)) return false;
    unattached_since_.erase(digest);
    return true;
}

void PackPins::is_attached(const git::PackDigest& digest) {
    unattached_since_.erase(digest);
}

Expected<bool> PackPins::hold(const git::PackDigest& digest,
                              const std::function<Expected<bool>()>& find) {
    const std::lock_guard lock(mutex_);
    auto found = find();
    if (found && *found) unattached_since_[digest] = std::chrono::steady_clock::now();
    return found;
}

}  // namespace ashlar::node
