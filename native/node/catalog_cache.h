// The packs of repositories, open: one catalog for each list of packs, shared by all who read it.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "chain/state_reader.h"
#include "git/pack/pack_catalog.h"

namespace ashlar::node {

class CatalogCache {
  public:
    // Keeps at most `count_max` whose indexes (they are mapped) have `index_bytes_max` together,
    // and the last used in any case; least recently used first out. The store must outlive this.
    CatalogCache(git::PackStore& store, std::size_t count_max, std::uint64_t index_bytes_max);

    // Fails with `corrupt` where a pack that the list names is not stored or damaged.
    Expected<std::shared_ptr<const git::PackCatalog>> open(
        const std::vector<chain::RepositoryPack>& packs);
    // Lets go of all, so that packs that were removed give back their space.
    void clear();

  private:
    using Key = crypto::Digest;  // of the list of digests
    struct Entry {
        Key key;
        std::shared_ptr<const git::PackCatalog> catalog;
        std::uint64_t index_bytes = 0;
    };
    void keep(const Key& key, std::shared_ptr<const git::PackCatalog> catalog);

    git::PackStore& store_;
    const std::size_t count_max_;
    const std::uint64_t index_bytes_max_;
    std::mutex mutex_;
    std::list<Entry> entries_;  // most recently used first
    std::unordered_map<Key, std::list<Entry>::iterator> by_key_;
    std::uint64_t index_bytes_ = 0;  // of all entries; what two of them share is counted twice
};

}  // namespace ashlar::node
