#include "git/pack/packed_objects.h"

#include <algorithm>

#include "git/pack/delta.h"

namespace ashlar::git {

// Recently read objects, the least recently used given up first.
class PackedObjects::Cache {
  public:
    explicit Cache(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

    std::shared_ptr<const Object> find(PackLocation location) {
        auto found = entries_.find(key_of(location));
        if (found == entries_.end()) return nullptr;
        order_.splice(order_.begin(), order_, found->second);
        return found->second->object;
    }

    void add(PackLocation location, const std::shared_ptr<const Object>& object) {
        std::uint64_t bytes = object->content.size() + sizeof(Entry);
        // One object never takes the place of all others.
        if (bytes > bytes_max_ / 4 || entries_.contains(key_of(location))) return;
        order_.push_front({key_of(location), object});
        entries_.emplace(key_of(location), order_.begin());
        bytes_ += bytes;
        while (bytes_ > bytes_max_) {
            bytes_ -= order_.back().object->content.size() + sizeof(Entry);
            entries_.erase(order_.back().key);
            order_.pop_back();
        }
    }

  private:
    struct Entry {
        std::uint64_t key;
        std::shared_ptr<const Object> object;
    };

    static std::uint64_t key_of(PackLocation location) {
        return (std::uint64_t{location.pack} << 32) | location.position;
    }

    std::uint64_t bytes_max_;
    std::uint64_t bytes_ = 0;
    std::list<Entry> order_;
    std::unordered_map<std::uint64_t, std::list<Entry>::iterator> entries_;
};

PackedObjects::PackedObjects(std::shared_ptr<const PackCatalog> catalog,
                             PackedObjectsOptions options)
    : catalog_(std::move(catalog)), cache_(std::make_unique<Cache>(options.cache_bytes_max)) {}

PackedObjects::~PackedObjects() = default;

Expected<std::shared_ptr<const Object>> PackedObjects::read(const ObjectId& id,
                                                            std::uint64_t size_max) {
    ASHLAR_TRY(std::optional<PackLocation> location, catalog_->find(id));
    if (!location) return fail(ErrorCode::not_found, "object " + id.hex());
    return read_at(*location, size_max);
}

Expected<ObjectInfo> PackedObjects::info(const ObjectId& id) {
    ASHLAR_TRY(std::optional<PackLocation> location, catalog_->find(id));
    if (!location) return fail(ErrorCode::not_found, "object " + id.hex());
    ASHLAR_TRY(PackIndexEntry entry, catalog_->entry_at(*location));
    return ObjectInfo{entry.type, entry.size};
}

Expected<bool> PackedObjects::contains(const ObjectId& id) {
    return catalog_->contains(id);
}

Expected<std::vector<ObjectId>> PackedObjects::find_prefix(std::string_view hex_prefix,
                                                           std::size_t count_max) {
    return catalog_->find_prefix(hex_prefix, count_max);
}

Expected<std::shared_ptr<const Object>> PackedObjects::read_at(PackLocation location,
                                                               std::uint64_t size_max) {
    ASHLAR_TRY(PackIndexEntry target, catalog_->entry_at(location));
    if (target.size > size_max) {
        return fail(ErrorCode::limit_exceeded, "an object of " + std::to_string(target.size) +
                                                   " bytes, more than " + std::to_string(size_max));
    }
    // Down the chain to what is cached or whole, then up again, a delta at a time.
    std::vector<Link> chain;
    std::shared_ptr<const Object> object;
    Link link{location, target};
    while (!(object = cache_->find(link.location))) {
        chain.push_back(link);
        if (!is_delta(link.entry.kind)) break;
        // Depths descend, so that a broken index cannot send this in circles.
        std::uint16_t depth = link.entry.depth;
        if (link.entry.base >= catalog_->index(location.pack).object_count()) return broken(link);
        link.location.position = link.entry.base;
        ASHLAR_TRY(link.entry, catalog_->entry_at(link.location));
        if (link.entry.depth >= depth) return broken(link);
    }
    for (; !chain.empty(); chain.pop_back()) {
        ASHLAR_TRY(object, make(chain.back(), object.get(), std::max(size_max, kBaseSizeMax)));
        cache_->add(chain.back().location, object);
    }
    return object;
}

Expected<std::shared_ptr<const Object>> PackedObjects::make(const Link& link, const Object* base,
                                                            std::uint64_t size_max) {
    const RandomAccess& body = *catalog_->pack(link.location.pack).body;
    auto object = std::make_shared<Object>();
    object->type = link.entry.type;
    bool whole = !is_delta(link.entry.kind);
    Bytes& content = whole ? object->content : delta_;
    ASHLAR_CHECK(entries_.read(body, link.entry.offset, link.entry.length, size_max, content));
    if (!whole) {
        auto result = apply_delta(base->content, delta_, size_max);
        if (!result && result.error().code == ErrorCode::invalid) return broken(link);
        if (!result) return Unexpected(std::move(result).error());
        object->content = std::move(*result);
        if (delta_.capacity() > kScratchMax) delta_ = Bytes();
    }
    if (object->content.size() != link.entry.size) return broken(link);
    return std::shared_ptr<const Object>(std::move(object));
}

Unexpected PackedObjects::broken(const Link& link) const {
    return fail(ErrorCode::corrupt, "pack " + catalog_->pack(link.location.pack).digest.hex() +
                                        ": the entry at " + std::to_string(link.entry.offset) +
                                        " is not what the index says");
}

Expected<std::shared_ptr<const Object>> ObjectSourceOverlay::read(const ObjectId& id,
                                                                  std::uint64_t size_max) {
    auto object = first_.read(id, size_max);
    if (object || object.error().code != ErrorCode::not_found) return object;
    return second_.read(id, size_max);
}

Expected<ObjectInfo> ObjectSourceOverlay::info(const ObjectId& id) {
    auto info = first_.info(id);
    if (info || info.error().code != ErrorCode::not_found) return info;
    return second_.info(id);
}

Expected<bool> ObjectSourceOverlay::contains(const ObjectId& id) {
    ASHLAR_TRY(bool found, first_.contains(id));
    if (found) return true;
    return second_.contains(id);
}

Expected<std::vector<ObjectId>> ObjectSourceOverlay::find_prefix(std::string_view hex_prefix,
                                                                 std::size_t count_max) {
    ASHLAR_TRY(std::vector<ObjectId> ids, first_.find_prefix(hex_prefix, count_max));
    ASHLAR_TRY(std::vector<ObjectId> more, second_.find_prefix(hex_prefix, count_max));
    ids.insert(ids.end(), more.begin(), more.end());
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (ids.size() > count_max) ids.resize(count_max);
    return ids;
}

}  // namespace ashlar::git
