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

}  // namespace ashlar::node
