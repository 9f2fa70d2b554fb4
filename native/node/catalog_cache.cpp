#include "native/node/catalog_cache.h"

#include <iterator>
#include <utility>

namespace ashlar::node {

CatalogCache::CatalogCache(git::PackStore& store, std::size_t count_max,
                           std::uint64_t index_bytes_max)
    : store_(store), count_max_(count_max), index_bytes_max_(index_bytes_max) {}

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
    keep(key, catalog);
    return catalog;
}

void CatalogCache::keep(const Key& key, std::shared_ptr<const git::PackCatalog> catalog) {
    std::uint64_t index_bytes = 0;
    for (std::size_t pack = 0; pack < catalog->pack_count(); ++pack) {
        index_bytes += catalog->pack(pack).index->size();
    }
    std::list<Entry> dropped;  // let go without the lock
    const std::lock_guard lock(mutex_);
    if (by_key_.contains(key)) return;
    entries_.push_front({key, std::move(catalog), index_bytes});
    by_key_[key] = entries_.begin();
    index_bytes_ += index_bytes;
    while (entries_.size() > 1 &&
           (entries_.size() > count_max_ || index_bytes_ > index_bytes_max_)) {
        index_bytes_ -= entries_.back().index_bytes;
        by_key_.erase(entries_.back().key);
        dropped.splice(dropped.end(), entries_, std::prev(entries_.end()));
    }
}

void CatalogCache::clear() {
    std::list<Entry> dropped;  // let go without the lock
    const std::lock_guard lock(mutex_);
    dropped.swap(entries_);
    by_key_.clear();
    index_bytes_ = 0;
}

}  // namespace ashlar::node
