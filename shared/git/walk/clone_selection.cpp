#include "git/walk/clone_selection.h"

#include <algorithm>

#include "git/pack/pack_graph.h"
#include "git/pack/packed_objects.h"
#include "git/walk/commit_graph.h"
#include "git/walk/reachable_objects.h"

namespace ashlar::git {
namespace {

using Rule = FilterRule::Kind;

bool leaves_out_blobs_only(const ObjectFilter* filter) {
    if (filter == nullptr) return true;
    return std::all_of(filter->rules().begin(), filter->rules().end(), [](const FilterRule& rule) {
        return rule.kind == Rule::blob_none || rule.kind == Rule::blob_limit;
    });
}

// Blobs of this size and larger are left out; nothing where none are.
std::optional<std::uint64_t> blob_size_limit(const ObjectFilter* filter) {
    std::optional<std::uint64_t> limit;
    if (filter == nullptr) return limit;
    for (const FilterRule& rule : filter->rules()) {
        const std::uint64_t of_rule = rule.kind == Rule::blob_none ? 0 : rule.limit;
        limit = limit ? std::min(*limit, of_rule) : of_rule;
    }
    return limit;
}

Expected<bool> wants_every_tip(const RefSource& refs, const std::vector<ObjectId>& wants) {
    ObjectIdSet wanted;
    for (const ObjectId& id : wants) wanted.insert(id);
    bool every = true;
    ASHLAR_CHECK(refs.scan("refs/", [&](const Ref& ref) {
        every = wanted.contains(ref.id);
        return every;
    }));
    return every;
}

Expected<PackSelection> select_reachable(const std::shared_ptr<const PackCatalog>& catalog,
                                         const RefSource& refs, const CloneRequest& request) {
    ReachableObjects reachable(catalog);
    ASHLAR_CHECK(reachable.add(request.wants));
    if (!request.include_tag) return reachable.take();
    std::vector<ObjectId> tags;
    Expected<void> looked_up;
    ASHLAR_CHECK(refs.scan("refs/tags/", [&](const Ref& ref) {
        if (!ref.peeled) return true;
        const Expected<bool> is_sent = reachable.contains(*ref.peeled);
        if (!is_sent) {
            looked_up = Unexpected(is_sent.error());
            return false;
        }
        if (*is_sent) tags.push_back(ref.id);
        return true;
    }));
    ASHLAR_CHECK(looked_up);
    for (const ObjectId& id : tags) ASHLAR_CHECK(reachable.add_tag_alone(id));
    return reachable.take();
}

Expected<void> leave_out_blobs(const PackCatalog& catalog, std::uint64_t size_limit,
                               PackSelection& selection) {
    for (std::size_t pack = 0; pack < selection.packs.size(); ++pack) {
        Bits& bits = selection.packs[pack];
        const PackIndex& index = catalog.index(pack);
        Bits blobs(bits.size());
        if (const auto& graph = catalog.graph(pack)) {
            ASHLAR_CHECK(graph->add_all(ObjectType::blob, blobs));
            if (size_limit == 0) {
                bits.remove(blobs);
                continue;
            }
        } else {
            blobs.set_all();
        }
        for (std::uint32_t rank = bits.next(0); rank < bits.size(); rank = bits.next(rank + 1)) {
            if (!blobs.get(rank)) continue;
            ASHLAR_TRY(const std::uint32_t position, index.position_by_offset(rank));
            ASHLAR_TRY(const PackIndexEntry entry, index.entry_at(position));
            if (entry.type == ObjectType::blob && entry.size >= size_limit) bits.clear(rank);
        }
    }
    return {};
}

// Who asks for trees or blobs only wants few objects, which are found one by one.
Expected<bool> wants_history(const PackCatalog& catalog, const std::vector<ObjectId>& wants) {
    for (const ObjectId& id : wants) {
        ASHLAR_TRY(const std::optional<PackLocation> location, catalog.find(id));
        if (!location) return fail(ErrorCode::corrupt, "an object is missing: " + id.hex());
        ASHLAR_TRY(const PackIndexEntry entry, catalog.entry_at(*location));
        if (entry.type == ObjectType::commit || entry.type == ObjectType::tag) return true;
    }
    return false;
}

// Blobs that were asked for by id, or by a tag, are sent whatever the filter says.
Expected<void> add_wanted_blobs(const std::shared_ptr<const PackCatalog>& catalog,
                                const RefSource& refs, const std::vector<ObjectId>& wants,
                                PackSelection& selection) {
    // What refs say of their tags need not be read.
    ObjectIdMap<ObjectId> peeled_tags;
    ASHLAR_CHECK(refs.scan("refs/tags/", [&peeled_tags](const Ref& ref) {
        if (ref.peeled) *peeled_tags.insert(ref.id).value = *ref.peeled;
        return true;
    }));
    PackedObjects objects(catalog);
    CommitGraph graph(objects);
    std::vector<std::optional<PackRanks>> ranks(catalog->pack_count());
    for (const ObjectId& id : wants) {
        const ObjectId* known = peeled_tags.find(id);
        ASHLAR_TRY(const Peeled peeled, graph.peel(known != nullptr ? *known : id));
        if (peeled.type != ObjectType::blob) continue;
        ASHLAR_TRY(const std::optional<PackLocation> location, catalog->find(peeled.id));
        if (!location) return fail(ErrorCode::corrupt, "an object is missing: " + peeled.id.hex());
        std::optional<PackRanks>& of_pack = ranks[location->pack];
        if (!of_pack) {
            ASHLAR_TRY(of_pack, PackRanks::of(*catalog, location->pack));
        }
        ASHLAR_TRY(const std::uint32_t rank, of_pack->rank_of(location->position));
        selection.packs[location->pack].set(rank);
    }
    return {};
}

}  // namespace

Expected<std::optional<PackSelection>> select_for_clone(
    const std::shared_ptr<const PackCatalog>& catalog, const RefSource& refs,
    const CloneRequest& request) {
    if (!leaves_out_blobs_only(request.filter)) return std::optional<PackSelection>();
    ASHLAR_TRY(const bool has_history, wants_history(*catalog, request.wants));
    if (!has_history) return std::optional<PackSelection>();
    bool everything = false;
    if (request.unreachable == Unreachable::none) {
        ASHLAR_TRY(everything, wants_every_tip(refs, request.wants));
    }
    ASHLAR_TRY(PackSelection selection,
               everything ? select_all(*catalog) : select_reachable(catalog, refs, request));
    if (const std::optional<std::uint64_t> limit = blob_size_limit(request.filter)) {
        ASHLAR_CHECK(leave_out_blobs(*catalog, *limit, selection));
        ASHLAR_CHECK(add_wanted_blobs(catalog, refs, request.wants, selection));
    }
    return std::optional<PackSelection>(std::move(selection));
}

}  // namespace ashlar::git
