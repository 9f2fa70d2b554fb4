// Bodies of small packs, as they were last read from the rows: bounded, least recently used first
// out. From any thread.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "git/pack/pack_store.h"

namespace ashlar::storage {

class BodyCache {
  public:
    explicit BodyCache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

    std::shared_ptr<const Bytes> find(const git::PackDigest& digest);
    void put(const git::PackDigest& digest, std::shared_ptr<const Bytes> body);
    void remove(const git::PackDigest& digest);

  private:
    struct Entry {
        git::PackDigest digest;
        std::shared_ptr<const Bytes> body;
    };
    void erase(std::list<Entry>::iterator entry);  // with mutex_ held

    const std::size_t bytes_max_;
    std::mutex mutex_;
    std::list<Entry> entries_;  // most recently used first
    std::unordered_map<git::PackDigest, std::list<Entry>::iterator> by_digest_;
    std::size_t bytes_ = 0;
};

}  // namespace ashlar::storage
