#include "git/pack/pack_catalog.h"

#include <algorithm>

namespace ashlar::git {
namespace {

constexpr std::size_t kPrefixDigitsMin = 4;

// The smallest and the largest id that begin with the digits.
Expected<std::pair<ObjectId, ObjectId>> prefix_range(std::string_view digits) {
    if (digits.size() < kPrefixDigitsMin || digits.size() > ObjectId::kSize * 2) {
        return fail(ErrorCode::invalid, "an abbreviated object id has 4 to 40 digits");
    }
    std::string low(digits);
    std::string high(digits);
    low.resize(ObjectId::kSize * 2, '0');
    high.resize(ObjectId::kSize * 2, 'f');
    ASHLAR_TRY(ObjectId first, ObjectId::from_hex(low));
    ASHLAR_TRY(ObjectId last, ObjectId::from_hex(high));
    return std::pair<ObjectId, ObjectId>(first, last);
}

}  // namespace

Expected<std::shared_ptr<const PackCatalog>> PackCatalog::open(
    std::vector<std::shared_ptr<const StoredPack>> packs) {
    auto catalog = std::make_shared<PackCatalog>();
    catalog->packs_.reserve(packs.size());
    for (std::shared_ptr<const StoredPack>& pack : packs) {
        ASHLAR_TRY(PackIndex index, PackIndex::open(pack->index));
        if (index.pack_size() != pack->body->size()) {
            return fail(ErrorCode::corrupt,
                        "pack " + pack->digest.hex() + " and its index do not belong together");
        }
        catalog->packs_.push_back({std::move(pack), std::move(index)});
    }
    return std::shared_ptr<const PackCatalog>(std::move(catalog));
}

bool PackCatalog::has_graph() const {
    return std::any_of(packs_.begin(), packs_.end(),
                       [](const OpenPack& pack) { return pack.stored->graph != nullptr; });
}

std::uint64_t PackCatalog::object_count() const {
    std::uint64_t count = 0;
    for (const OpenPack& pack : packs_) count += pack.index.object_count();
    return count;
}

Expected<std::optional<PackLocation>> PackCatalog::find(const ObjectId& id) const {
    for (std::size_t number = 0; number < packs_.size(); ++number) {
        ASHLAR_TRY(std::optional<std::uint32_t> position, packs_[number].index.find(id));
        if (position) {
            return std::optional<PackLocation>(
                PackLocation{static_cast<std::uint32_t>(number), *position});
        }
    }
    return std::optional<PackLocation>();
}

Expected<bool> PackCatalog::contains(const ObjectId& id) const {
    ASHLAR_TRY(std::optional<PackLocation> location, find(id));
    return location.has_value();
}

Expected<ObjectId> PackCatalog::id_at(PackLocation location) const {
    return packs_[location.pack].index.id_at(location.position);
}

Expected<PackIndexEntry> PackCatalog::entry_at(PackLocation location) const {
    return packs_[location.pack].index.entry_at(location.position);
}

Expected<std::vector<ObjectId>> PackCatalog::find_prefix(std::string_view hex_prefix,
                                                         std::size_t count_max) const {
    ASHLAR_TRY(auto range, prefix_range(hex_prefix));
    std::vector<ObjectId> ids;
    for (const OpenPack& pack : packs_) {
        ASHLAR_TRY(std::uint32_t position, pack.index.lower_bound(range.first));
        std::size_t of_pack = 0;
        for (; position < pack.index.object_count() && of_pack < count_max; ++position) {
            ASHLAR_TRY(ObjectId id, pack.index.id_at(position));
            if (range.second < id) break;
            ids.push_back(id);
            ++of_pack;
        }
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    if (ids.size() > count_max) ids.resize(count_max);
    return ids;
}

Expected<void> PackCatalog::scan_by_offset(std::size_t pack, const Visitor& visit) const {
    const PackIndex& index = packs_[pack].index;
    for (std::uint32_t rank = 0; rank < index.object_count(); ++rank) {
        ASHLAR_TRY(std::uint32_t position, index.position_by_offset(rank));
        ASHLAR_TRY(ObjectId id, index.id_at(position));
        ASHLAR_TRY(PackIndexEntry entry, index.entry_at(position));
        if (!visit(id, entry)) break;
    }
    return {};
}

Expected<bool> packs_are_disjoint(const PackCatalog& catalog,
                                  const std::vector<std::uint32_t>& packs) {
    // Each object of a smaller pack is looked up in the larger ones.
    for (std::size_t i = 0; i < packs.size(); ++i) {
        for (std::size_t j = i + 1; j < packs.size(); ++j) {
            const PackIndex* small = &catalog.index(packs[i]);
            const PackIndex* large = &catalog.index(packs[j]);
            if (packs[i] == packs[j]) return false;
            if (small->object_count() > large->object_count()) std::swap(small, large);
            for (std::uint32_t position = 0; position < small->object_count(); ++position) {
                ASHLAR_TRY(ObjectId id, small->id_at(position));
                ASHLAR_TRY(std::optional<std::uint32_t> found, large->find(id));
                if (found) return false;
            }
        }
    }
    return true;
}

}  // namespace ashlar::git
