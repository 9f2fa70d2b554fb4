// Objects read from packs: inflated, delta chains applied step by step, bounded in size and time.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "git/object/object_source.h"
#include "git/pack/entry_reader.h"
#include "git/pack/pack_catalog.h"

namespace ashlar::git {

struct PackedObjectsOptions {
    // Bytes of recently read objects that are kept as bases for what is read next.
    std::uint64_t cache_bytes_max = std::uint64_t{16} << 20;
};

// One owner, one thread at a time: it holds a cache. Several may read from one catalog.
class PackedObjects : public ObjectSource {
  public:
    explicit PackedObjects(std::shared_ptr<const PackCatalog> catalog,
                           PackedObjectsOptions options = {});
    ~PackedObjects() override;

    Expected<std::shared_ptr<const Object>> read(const ObjectId& id,
                                                 std::uint64_t size_max) override;
    Expected<ObjectInfo> info(const ObjectId& id) override;
    Expected<bool> contains(const ObjectId& id) override;
    Expected<std::vector<ObjectId>> find_prefix(std::string_view hex_prefix,
                                                std::size_t count_max) override;

    // As read(), for whoever has looked the object up already.
    Expected<std::shared_ptr<const Object>> read_at(PackLocation location, std::uint64_t size_max);

    const PackCatalog& catalog() const { return *catalog_; }

  private:
    class Cache;
    struct Link {
        PackLocation location;
        PackIndexEntry entry;
    };
    // Bases may be larger than what is read; what the receiver of packs lets in is enough.
    static constexpr std::uint64_t kBaseSizeMax = kObjectSizeMaxDefault;
    static constexpr std::size_t kScratchMax = std::size_t{4} << 20;

    Expected<std::shared_ptr<const Object>> make(const Link& link, const Object* base,
                                                 std::uint64_t size_max);
    Unexpected broken(const Link& link) const;

    std::shared_ptr<const PackCatalog> catalog_;
    EntryReader entries_;
    Bytes delta_;  // scratch
    std::unique_ptr<Cache> cache_;
};

// Reads from `first`, and what that does not have from `second`: a push in flight sees its own
// pack over the repository.
class ObjectSourceOverlay : public ObjectSource {
  public:
    // Neither is owned.
    ObjectSourceOverlay(ObjectSource& first, ObjectSource& second)
        : first_(first), second_(second) {}

    Expected<std::shared_ptr<const Object>> read(const ObjectId& id,
                                                 std::uint64_t size_max) override;
    Expected<ObjectInfo> info(const ObjectId& id) override;
    Expected<bool> contains(const ObjectId& id) override;
    Expected<std::vector<ObjectId>> find_prefix(std::string_view hex_prefix,
                                                std::size_t count_max) override;

  private:
    ObjectSource& first_;
    ObjectSource& second_;
};

}  // namespace ashlar::git
