// A PackStore in memory: the peer of the real one in tests.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>

#include "base/memory_bytes.h"
#include "git/pack/pack_graph.h"
#include "git/pack/pack_index.h"
#include "git/pack/pack_store.h"

namespace ashlar::git {

class MemoryPackStore : public PackStore {
  public:
    Expected<std::unique_ptr<PackStaging>> stage() override;
    Expected<std::shared_ptr<const StoredPack>> open(const PackDigest& digest) override;
    Expected<bool> contains(const PackDigest& digest) override;
    Expected<std::vector<PackDigest>> list() override;
    Expected<void> remove(const PackDigest& digest) override;
    Expected<void> put_graph(const PackDigest& digest, ByteView graph) override;

  private:
    class Staging;
    std::mutex mutex_;
    std::map<PackDigest, std::shared_ptr<const StoredPack>> packs_;
};

class MemoryPackStore::Staging : public PackStaging {
  public:
    explicit Staging(MemoryPackStore& store) : store_(store) {}

    std::uint64_t size() const override {
        std::lock_guard<std::mutex> lock(mutex_);
        return bytes_.size();
    }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        std::lock_guard<std::mutex> lock(mutex_);
        if (offset > bytes_.size() || into.size() > bytes_.size() - offset) {
            return fail(ErrorCode::corrupt, "a read ends beyond the staged bytes");
        }
        auto first = bytes_.begin() + static_cast<std::ptrdiff_t>(offset);
        std::copy(first, first + static_cast<std::ptrdiff_t>(into.size()), into.begin());
        return {};
    }
    Expected<void> append(ByteView bytes) override {
        std::lock_guard<std::mutex> lock(mutex_);
        ashlar::append(bytes_, bytes);
        return {};
    }
    Expected<void> overwrite(std::uint64_t offset, ByteView bytes) override {
        std::lock_guard<std::mutex> lock(mutex_);
        if (offset > bytes_.size() || bytes.size() > bytes_.size() - offset) {
            return fail(ErrorCode::invalid, "an overwrite ends beyond the staged bytes");
        }
        std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(offset));
        return {};
    }
    Expected<PackManifest> publish(std::uint64_t object_count, ByteView index) override {
        std::lock_guard<std::mutex> writing(mutex_);
        PackManifest manifest;
        manifest.size = bytes_.size();
        manifest.object_count = object_count;
        ByteView rest = bytes_;
        while (!rest.empty()) {
            std::size_t length = std::min<std::size_t>(rest.size(), kPackExtentSize);
            manifest.extents.push_back(crypto::hash(kPackExtentDomain, rest.first(length)));
            rest = rest.subspan(length);
        }
        manifest.index_size = index.size();
        manifest.index_digest = crypto::hash(kPackIndexDomain, index);
        auto pack = std::make_shared<StoredPack>();
        pack->digest = manifest.digest();
        pack->manifest = manifest;
        pack->body = std::make_shared<MemoryBytes>(std::move(bytes_));
        pack->index = std::make_shared<MemoryBytes>(to_bytes(index));
        bytes_.clear();
        std::lock_guard<std::mutex> lock(store_.mutex_);
        store_.packs_.emplace(pack->digest, pack);
        return manifest;
    }

  private:
    MemoryPackStore& store_;
    // A push is spread by another thread while it arrives.
    mutable std::mutex mutex_;
    Bytes bytes_;
};

inline Expected<std::unique_ptr<PackStaging>> MemoryPackStore::stage() {
    return std::make_unique<Staging>(*this);
}

inline Expected<std::shared_ptr<const StoredPack>> MemoryPackStore::open(const PackDigest& digest) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = packs_.find(digest);
    if (found == packs_.end()) return fail(ErrorCode::not_found, "pack " + digest.hex());
    return found->second;
}

inline Expected<bool> MemoryPackStore::contains(const PackDigest& digest) {
    std::lock_guard<std::mutex> lock(mutex_);
    return packs_.contains(digest);
}

inline Expected<std::vector<PackDigest>> MemoryPackStore::list() {
    std::lock_guard<std::mutex> lock(mutex_);
    std::vector<PackDigest> digests;
    for (const auto& [digest, pack] : packs_) digests.push_back(digest);
    return digests;
}

inline Expected<void> MemoryPackStore::remove(const PackDigest& digest) {
    std::lock_guard<std::mutex> lock(mutex_);
    packs_.erase(digest);
    return {};
}

inline Expected<void> MemoryPackStore::put_graph(const PackDigest& digest, ByteView graph) {
    std::lock_guard<std::mutex> lock(mutex_);
    auto found = packs_.find(digest);
    if (found == packs_.end()) return fail(ErrorCode::not_found, "pack " + digest.hex());
    auto pack = std::make_shared<StoredPack>(*found->second);
    ASHLAR_TRY(PackIndex index, PackIndex::open(pack->index));
    ASHLAR_TRY(pack->graph, PackGraph::open(std::make_shared<MemoryBytes>(to_bytes(graph)),
                                            index.pack_checksum(), index.object_count()));
    found->second = std::move(pack);
    return {};
}

}  // namespace ashlar::git
