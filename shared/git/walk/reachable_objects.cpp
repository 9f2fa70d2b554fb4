#include "git/walk/reachable_objects.h"

#include <algorithm>
#include <tuple>

#include "git/object/commit.h"
#include "git/object/tag.h"
#include "git/object/tree.h"
#include "git/walk/commit_graph.h"
#include "git/walk/reachability.h"

namespace ashlar::git {
namespace {

Unexpected misnamed(const ObjectId& id, std::string_view what) {
    return fail(ErrorCode::corrupt,
                "object " + id.hex() + " is not the " + std::string(what) + " that it is named as");
}

}  // namespace

ReachableObjects::ReachableObjects(std::shared_ptr<const PackCatalog> catalog)
    : catalog_(std::move(catalog)),
      objects_(catalog_),
      selection_(PackSelection::none_of(*catalog_)),
      ranks_(catalog_->pack_count()) {}

Expected<const PackRanks*> ReachableObjects::ranks_of(std::uint32_t pack) const {
    if (!ranks_[pack]) {
        ASHLAR_TRY(ranks_[pack], PackRanks::of(*catalog_, pack));
    }
    return &*ranks_[pack];
}

Expected<PackLocation> ReachableObjects::locate(const ObjectId& id, std::uint32_t near_pack) const {
    ASHLAR_TRY(const std::optional<std::uint32_t> near, catalog_->index(near_pack).find(id));
    if (near) return PackLocation{near_pack, *near};
    ASHLAR_TRY(const std::optional<PackLocation> location, catalog_->find(id));
    if (!location) return fail(ErrorCode::not_found, "object " + id.hex());
    return *location;
}

Expected<ReachableObjects::Found> ReachableObjects::find(const ObjectId& id,
                                                         std::uint32_t near_pack) const {
    Found found;
    ASHLAR_TRY(found.location, locate(id, near_pack));
    ASHLAR_TRY(const PackRanks* ranks, ranks_of(found.location.pack));
    ASHLAR_TRY(const std::uint32_t rank, ranks->rank_of(found.location.position));
    found.place = {found.location.pack, rank};
    ASHLAR_TRY(const PackIndexEntry entry, catalog_->entry_at(found.location));
    found.type = entry.type;
    return found;
}

// Whether it was not there before.
bool ReachableObjects::insert(Place place) {
    Bits& pack = selection_.packs[place.pack];
    if (pack.get(place.rank)) return false;
    pack.set(place.rank);
    return true;
}

Expected<void> ReachableObjects::add(const std::vector<ObjectId>& ids) {
    if (ids.empty()) return {};
    if (catalog_->pack_count() == 0) {
        return fail(ErrorCode::corrupt, "an object is missing: object " + ids.front().hex());
    }
    for (const ObjectId& id : ids) pending_.emplace_back(id, 0);
    Expected<void> done = run();
    if (!done && done.error().code == ErrorCode::not_found) {
        return fail(ErrorCode::corrupt, "an object is missing: " + done.error().detail);
    }
    return done;
}

Expected<void> ReachableObjects::add_tag_alone(const ObjectId& id) {
    ObjectId next = id;
    for (std::size_t depth = 0; depth < kTagDepthMax; ++depth) {
        ASHLAR_TRY(const Found found, find(next, 0));
        if (found.type != ObjectType::tag) return {};
        insert(found.place);
        ASHLAR_TRY(const auto object, objects_.read_at(found.location, kObjectSizeMaxDefault));
        const Expected<TagView> tag = parse_tag(object->content);
        if (!tag) return misnamed(next, "tag");
        next = tag->target.id;
    }
    return {};
}

Expected<bool> ReachableObjects::contains(const ObjectId& id) const {
    // Any of its copies may have been met.
    for (std::uint32_t pack = 0; pack < catalog_->pack_count(); ++pack) {
        ASHLAR_TRY(const std::optional<std::uint32_t> position, catalog_->index(pack).find(id));
        if (!position) continue;
        ASHLAR_TRY(const PackRanks* ranks, ranks_of(pack));
        ASHLAR_TRY(const std::uint32_t rank, ranks->rank_of(*position));
        if (selection_.packs[pack].get(rank)) return true;
    }
    return false;
}

// Commits first, trees when there are no more: a bitmap that is added late would have spared trees.
Expected<void> ReachableObjects::run() {
    while (!pending_.empty()) {
        const auto [id, near_pack] = pending_.back();
        pending_.pop_back();
        ASHLAR_CHECK(visit(id, near_pack));
    }
    ASHLAR_CHECK(walk_known_commits());
    while (!trees_.empty()) {
        const Place tree = trees_.back();
        trees_.pop_back();
        ASHLAR_CHECK(walk_tree(tree));
    }
    return {};
}

Expected<void> ReachableObjects::visit(const ObjectId& id, std::uint32_t near_pack) {
    ASHLAR_TRY(const Found found, find(id, near_pack));
    switch (found.type) {
        case ObjectType::commit:
            return walk_commit(found);
        case ObjectType::tag:
            return insert(found.place) ? walk_tag(found) : Expected<void>();
        case ObjectType::tree:
            trees_.push_back(found.place);
            return {};
        case ObjectType::blob:
            insert(found.place);
            return {};
    }
    return {};
}

Expected<void> ReachableObjects::walk_tag(const Found& tag) {
    ASHLAR_TRY(const auto object, objects_.read_at(tag.location, kObjectSizeMaxDefault));
    const Expected<TagView> view = parse_tag(object->content);
    if (!view) return fail(ErrorCode::corrupt, "a tag: " + view.error().detail);
    pending_.emplace_back(view->target.id, tag.place.pack);
    return {};
}

Expected<void> ReachableObjects::walk_commit(const Found& commit) {
    if (selection_.packs[commit.place.pack].get(commit.place.rank)) return {};
    if (const auto& graph = catalog_->graph(commit.place.pack)) {
        const std::optional<std::uint32_t> number = graph->commit_at(commit.place.rank);
        if (!number) return fail(ErrorCode::corrupt, "pack graph: a commit is not in it");
        ASHLAR_TRY(const PackGraphCommit known, graph->commit(*number));
        known_commits_.push_back({commit.place.pack, *number, known.generation});
        return {};
    }
    insert(commit.place);
    ASHLAR_TRY(const auto object, objects_.read_at(commit.location, kObjectSizeMaxDefault));
    const Expected<CommitLinks> links = parse_commit_links(object->content);
    if (!links) return fail(ErrorCode::corrupt, "a commit: " + links.error().detail);
    ASHLAR_TRY(const Found tree, find(links->tree, commit.place.pack));
    if (tree.type != ObjectType::tree) return misnamed(links->tree, "tree");
    trees_.push_back(tree.place);
    for (const ObjectId& parent : links->parents) {
        pending_.emplace_back(parent, commit.place.pack);
    }
    return {};
}

// The furthest from the root first: what it reaches most likely covers the others.
Expected<void> ReachableObjects::walk_known_commits() {
    std::sort(known_commits_.begin(), known_commits_.end(),
              [](const KnownCommit& left, const KnownCommit& right) {
                  return std::tie(left.generation, left.pack, left.number) <
                         std::tie(right.generation, right.pack, right.number);
              });
    while (!known_commits_.empty()) {
        const KnownCommit known = known_commits_.back();
        known_commits_.pop_back();
        const PackGraph& graph = *catalog_->graph(known.pack);
        ASHLAR_TRY(const PackGraphCommit commit, graph.commit(known.number));
        if (selection_.packs[known.pack].get(commit.rank)) continue;
        if (commit.bitmap != kNoBitmap) {
            ASHLAR_CHECK(graph.add_reached(commit.bitmap, selection_.packs[known.pack]));
            continue;
        }
        insert({known.pack, commit.rank});
        trees_.push_back({known.pack, commit.tree_rank});
        for (const std::uint32_t parent : commit.parents) {
            known_commits_.push_back({known.pack, parent, 0});
        }
    }
    return {};
}

Expected<std::shared_ptr<const Object>> ReachableObjects::read(Place place) {
    ASHLAR_TRY(const std::uint32_t position,
               catalog_->index(place.pack).position_by_offset(place.rank));
    return objects_.read_at({place.pack, position}, kObjectSizeMaxDefault);
}

// Its trees are walked after it, each once.
Expected<void> ReachableObjects::walk_tree(Place place) {
    if (!insert(place)) return {};
    ASHLAR_TRY(const auto tree, read(place));
    if (tree->type != ObjectType::tree) {
        return fail(ErrorCode::corrupt, "an object is not the tree that it is named as");
    }
    TreeReader reader(tree->content);
    TreeEntryView entry;
    while (true) {
        const TreeReader::Step step = reader.next_into(entry);
        if (step == TreeReader::Step::end) return {};
        if (step == TreeReader::Step::broken) return fail(ErrorCode::corrupt, reader.fault());
        if (entry.is_gitlink()) continue;
        ASHLAR_TRY(const PackLocation location, locate(entry.id, place.pack));
        ASHLAR_TRY(const PackRanks* ranks, ranks_of(location.pack));
        ASHLAR_TRY(const std::uint32_t rank, ranks->rank_of(location.position));
        if (!entry.is_tree()) {
            insert({location.pack, rank});
        } else if (!selection_.packs[location.pack].get(rank)) {
            trees_.push_back({location.pack, rank});
        }
    }
}

// What was met as a copy is sent from where everybody finds it.
Expected<PackSelection> ReachableObjects::take() {
    ASHLAR_TRY(const std::vector<SurplusCopy> copies, surplus_copies(*catalog_));
    for (const SurplusCopy& object : copies) {
        ASHLAR_TRY(const PackRanks* ranks, ranks_of(object.copy.pack));
        ASHLAR_TRY(const std::uint32_t copy, ranks->rank_of(object.copy.position));
        if (!selection_.packs[object.copy.pack].get(copy)) continue;
        selection_.packs[object.copy.pack].clear(copy);
        ASHLAR_TRY(const PackRanks* first_ranks, ranks_of(object.first.pack));
        ASHLAR_TRY(const std::uint32_t first, first_ranks->rank_of(object.first.position));
        selection_.packs[object.first.pack].set(first);
    }
    return std::move(selection_);
}

Expected<std::vector<ObjectId>> unreachable_in(const std::shared_ptr<const PackCatalog>& catalog,
                                               const std::vector<ObjectId>& ids,
                                               const std::vector<ObjectId>& tips) {
    PackedObjects objects(catalog);
    if (!catalog->has_graph()) return unreachable_from(objects, ids, tips);
    // Most are found close to the tips.
    auto quick = unreachable_from(objects, ids, tips, kQuickSearchObjectsMax);
    if (quick || quick.error().code != ErrorCode::limit_exceeded) return quick;
    ReachableObjects reachable(catalog);
    ASHLAR_CHECK(reachable.add(tips));
    std::vector<ObjectId> unreachable;
    for (const ObjectId& id : ids) {
        ASHLAR_TRY(const bool is_reachable, reachable.contains(id));
        if (!is_reachable) unreachable.push_back(id);
    }
    return unreachable;
}

}  // namespace ashlar::git
