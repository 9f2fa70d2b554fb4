#include "git/pack/pack_selection.h"

#include <algorithm>

#include "git/pack/pack_graph.h"

namespace ashlar::git {
namespace {

std::uint64_t key_of(PackLocation location) {
    return (std::uint64_t{location.pack} << 32) | location.position;
}

// The objects that two packs share; the one that comes first in the catalog keeps them. `met`: the
// objects of the second (by position) that an earlier pack than the first keeps.
Expected<void> add_shared(const PackCatalog& catalog, std::uint32_t first, std::uint32_t second,
                          Bits& met, std::vector<SurplusCopy>& copies) {
    const bool first_is_small =
        catalog.index(first).object_count() <= catalog.index(second).object_count();
    const PackIndex& small = catalog.index(first_is_small ? first : second);
    const PackIndex& large = catalog.index(first_is_small ? second : first);
    for (std::uint32_t position = 0; position < small.object_count(); ++position) {
        ASHLAR_TRY(const ObjectId id, small.id_at(position));
        ASHLAR_TRY(const std::optional<std::uint32_t> found, large.find(id));
        if (!found) continue;
        const PackLocation copy{second, first_is_small ? *found : position};
        if (met.get(copy.position)) continue;
        met.set(copy.position);
        copies.push_back({{first, first_is_small ? position : *found}, copy});
    }
    return {};
}

}  // namespace

PackSelection PackSelection::none_of(const PackCatalog& catalog) {
    PackSelection selection;
    for (std::size_t pack = 0; pack < catalog.pack_count(); ++pack) {
        selection.packs.emplace_back(catalog.index(pack).object_count());
    }
    return selection;
}

std::uint64_t PackSelection::count() const {
    std::uint64_t count = 0;
    for (const Bits& pack : packs) count += pack.count();
    return count;
}

Expected<std::vector<SurplusCopy>> surplus_copies(const PackCatalog& catalog) {
    std::vector<SurplusCopy> copies;
    const auto count = static_cast<std::uint32_t>(catalog.pack_count());
    for (std::uint32_t second = 1; second < count; ++second) {
        // Each copy is noted down once, or packs that are alike would take memory with the square
        // of their number.
        Bits met(catalog.index(second).object_count());
        for (std::uint32_t first = 0; first < second; ++first) {
            ASHLAR_CHECK(add_shared(catalog, first, second, met, copies));
        }
    }
    std::sort(copies.begin(), copies.end(), [](const SurplusCopy& left, const SurplusCopy& right) {
        return key_of(left.copy) < key_of(right.copy);
    });
    return copies;
}

Expected<PackRanks> PackRanks::of(const PackCatalog& catalog, std::size_t pack) {
    PackRanks ranks;
    ranks.graph_ = catalog.graph(pack);
    if (ranks.graph_) return ranks;
    const PackIndex& index = catalog.index(pack);
    ranks.ranks_.resize(index.object_count());
    for (std::uint32_t rank = 0; rank < index.object_count(); ++rank) {
        ASHLAR_TRY(const std::uint32_t position, index.position_by_offset(rank));
        ranks.ranks_[position] = rank;
    }
    return ranks;
}

Expected<std::uint32_t> PackRanks::rank_of(std::uint32_t position) const {
    if (graph_) return graph_->rank_of(position);
    return ranks_[position];
}

Expected<PackSelection> select_all(const PackCatalog& catalog) {
    PackSelection selection = PackSelection::none_of(catalog);
    for (Bits& pack : selection.packs) pack.set_all();
    ASHLAR_TRY(const std::vector<SurplusCopy> copies, surplus_copies(catalog));
    std::optional<PackRanks> ranks;
    for (std::size_t i = 0; i < copies.size(); ++i) {
        const PackLocation copy = copies[i].copy;
        if (i == 0 || copies[i - 1].copy.pack != copy.pack) {
            ASHLAR_TRY(ranks, PackRanks::of(catalog, copy.pack));
        }
        ASHLAR_TRY(const std::uint32_t rank, ranks->rank_of(copy.position));
        selection.packs[copy.pack].clear(rank);
    }
    return selection;
}

Expected<std::vector<ObjectId>> ids_of(const PackCatalog& catalog, const PackSelection& selection) {
    std::vector<ObjectId> ids;
    ids.reserve(static_cast<std::size_t>(selection.count()));
    for (std::size_t pack = 0; pack < selection.packs.size(); ++pack) {
        const Bits& bits = selection.packs[pack];
        for (std::uint32_t rank = bits.next(0); rank < bits.size(); rank = bits.next(rank + 1)) {
            ASHLAR_TRY(const std::uint32_t position, catalog.index(pack).position_by_offset(rank));
            ASHLAR_TRY(const ObjectId id, catalog.index(pack).id_at(position));
            ids.push_back(id);
        }
    }
    return ids;
}

}  // namespace ashlar::git
