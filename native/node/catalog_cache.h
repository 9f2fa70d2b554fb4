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
    // Keeps at most `count_max`, least recently used first out. The store must outlive this.
    CatalogCache(git::PackStore& store, std::size_t count_max);

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
    };

    git::PackStore& store_;
    const std::size_t count_max_;
    std::mutex mutex_;
    std::list<Entry> entries_;  // most recently used first
    std::unordered_map<Key, std::list<Entry>::iterator> by_key_;
};

}  // namespace ashlar::node
