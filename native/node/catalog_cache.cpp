#include "native/node/catalog_cache.h"

#include <utility>

namespace ashlar::node {

CatalogCache::CatalogCache(git::PackStore& store, std::size_t count_max)
    : store_(store), count_max_(count_max) {}

Expected<std::shared_ptr<const git::PackCatalog>> CatalogCache::open(
    const std::vector<chain::RepositoryPack>& packs) {
    crypto::Hasher hasher("ashlar catalog");
    for (const chain::RepositoryPack& pack : packs) hasher.update(pack.pack.digest.digest.view());
    const Key key = hasher.finish();
    {
        const std::lock_guard lock(mutex_);
        const auto found = by_key_.find(key);
        if (found != by_key_.end()) {
            entries_.splice(entries_.begin(), entries_, found->second);
            return found->second->catalog;
        }
    }
    std::vector<std::shared_ptr<const git::StoredPack>> stored;
    stored.reserve(packs.size());
    for (const chain::RepositoryPack& pack : packs) {
        auto opened = store_.open(pack.pack.digest);
        if (!opened && opened.error().code == ErrorCode::not_found) {
            return fail(ErrorCode::corrupt, "pack " + pack.pack.digest.hex() +
                                                " of a repository is not stored; restore the data "
                                                "folder from a backup");
        }
        if (!opened) return Unexpected(std::move(opened).error());
        stored.push_back(std::move(*opened));
    }
    ASHLAR_TRY(auto catalog, git::PackCatalog::open(std::move(stored)));
    const std::lock_guard lock(mutex_);
    if (!by_key_.contains(key)) {
        entries_.push_front({key, catalog});
        by_key_[key] = entries_.begin();
        if (entries_.size() > count_max_) {
            by_key_.erase(entries_.back().key);
            entries_.pop_back();
        }
    }
    return catalog;
}

void CatalogCache::clear() {
    std::list<Entry> dropped;  // let go without the lock
    const std::lock_guard lock(mutex_);
    dropped.swap(entries_);
    by_key_.clear();
}

}  // namespace ashlar::node
