#include "native/node/view_cache.h"

namespace ashlar::node {
namespace {

// No name has a slash.
std::string key_of(std::string_view owner, std::string_view name) {
    std::string key;
    key.reserve(owner.size() + 1 + name.size());
    key.append(owner).append("/").append(name);
    return key;
}

}  // namespace

std::uint64_t ViewCache::era() const {
    const std::lock_guard lock(mutex_);
    return era_;
}

std::optional<RepositoryView> ViewCache::find(const chain::StateReader& state,
                                              std::string_view owner, std::string_view name) const {
    const std::string key = key_of(owner, name);
    const std::lock_guard lock(mutex_);
    const auto found = views_.find(key);
    if (found == views_.end() || found->second.state.get() != &state) return std::nullopt;
    return found->second;
}

void ViewCache::keep(std::uint64_t era, std::string_view owner, std::string_view name,
                     const RepositoryView& view) {
    std::map<std::string, RepositoryView, std::less<>> dropped;  // let go without the lock
    const std::lock_guard lock(mutex_);
    if (era != era_) return;
    if (views_.size() >= kViewsMax) dropped.swap(views_);
    views_.insert_or_assign(key_of(owner, name), view);
}

void ViewCache::clear() {
    std::map<std::string, RepositoryView, std::less<>> dropped;  // let go without the lock
    const std::lock_guard lock(mutex_);
    ++era_;
    dropped.swap(views_);
}

}  // namespace ashlar::node
