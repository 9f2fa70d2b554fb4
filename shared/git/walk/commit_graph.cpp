#include "git/walk/commit_graph.h"

#include <algorithm>

#include "base/assert.h"
#include "git/object/tag.h"
#include "git/pack/pack_graph.h"

namespace ashlar::git {

Expected<CommitIndex> CommitGraph::index_of(const ObjectId& id) {
    auto inserted = indexes_.insert(id);
    if (!inserted.added) return *inserted.value;
    if (commits_.size() >= kCommitsMax) {
        return fail(ErrorCode::limit_exceeded,
                    "a walk may meet " + std::to_string(kCommitsMax) + " commits");
    }
    *inserted.value = static_cast<CommitIndex>(commits_.size());
    commits_.push_back({});
    commits_.back().commit.id = id;
    return static_cast<CommitIndex>(commits_.size() - 1);
}

Expected<std::optional<CommitLinks>> CommitGraph::find_links(const ObjectId& id) const {
    std::optional<CommitLinks> nothing;
    if (!packs_) return nothing;
    ASHLAR_TRY(const std::optional<PackLocation> location, packs_->find(id));
    if (!location) return nothing;
    const PackGraph* graph = packs_->graph(location->pack).get();
    if (graph == nullptr) return nothing;
    ASHLAR_TRY(const std::uint32_t rank, graph->rank_of(location->position));
    const std::optional<std::uint32_t> number = graph->commit_at(rank);
    if (!number) return nothing;
    ASHLAR_TRY(const PackGraphCommit commit, graph->commit(*number));
    const PackIndex& index = packs_->index(location->pack);
    const auto id_at_rank = [&index](std::uint32_t of_rank) -> Expected<ObjectId> {
        ASHLAR_TRY(const std::uint32_t position, index.position_by_offset(of_rank));
        return index.id_at(position);
    };
    CommitLinks links;
    links.committed_seconds = commit.committed_seconds;
    ASHLAR_TRY(links.tree, id_at_rank(commit.tree_rank));
    for (const std::uint32_t parent : commit.parents) {
        ASHLAR_TRY(const std::uint32_t parent_rank, graph->rank_of_commit(parent));
        ASHLAR_TRY(const ObjectId parent_id, id_at_rank(parent_rank));
        links.parents.push_back(parent_id);
    }
    return std::optional<CommitLinks>(std::move(links));
}

Expected<CommitLinks> CommitGraph::read_links(const ObjectId& id) {
    ASHLAR_TRY(std::optional<CommitLinks> known, find_links(id));
    if (known) return std::move(*known);
    ASHLAR_TRY(std::shared_ptr<const Object> object, objects_.read(id, kObjectSizeMaxDefault));
    if (object->type != ObjectType::commit) {
        return fail(ErrorCode::corrupt, "object " + id.hex() + " is a " +
                                            std::string(to_string(object->type)) +
                                            " where a commit is named");
    }
    Expected<CommitLinks> links = parse_commit_links(object->content);
    if (!links) return fail(ErrorCode::corrupt, "commit " + id.hex() + ": " + links.error().detail);
    return links;
}

Expected<const GraphCommit*> CommitGraph::load(CommitIndex index) {
    if (commits_[index].loaded) return &commits_[index].commit;
    const ObjectId id = commits_[index].commit.id;
    ASHLAR_TRY(const CommitLinks links, read_links(id));
    std::vector<CommitIndex> parents;
    if (!cuts_.contains(id)) {
        for (const ObjectId& parent : links.parents) {
            ASHLAR_TRY(CommitIndex parent_index, index_of(parent));
            parents.push_back(parent_index);
        }
    }
    Node& node = commits_[index];
    node.commit.tree = links.tree;
    node.commit.committed_seconds = links.committed_seconds;
    node.commit.parents = std::move(parents);
    node.loaded = true;
    return &node.commit;
}

void CommitGraph::cut(const ObjectId& id) {
    cuts_.insert(id);
    if (CommitIndex* index = indexes_.find(id)) commits_[*index].commit.parents.clear();
}

Expected<Peeled> CommitGraph::peel(const ObjectId& id) {
    Peeled peeled{id, ObjectType::tag, {}};
    while (true) {
        const CommitIndex* known = indexes_.find(peeled.id);
        if (known != nullptr && commits_[*known].loaded) {
            peeled.type = ObjectType::commit;
            return peeled;
        }
        ASHLAR_TRY(ObjectInfo info, objects_.info(peeled.id));
        peeled.type = info.type;
        if (info.type != ObjectType::tag) return peeled;
        if (peeled.tags.size() == kTagDepthMax) {
            return fail(ErrorCode::limit_exceeded, "more than " + std::to_string(kTagDepthMax) +
                                                       " tags in a row from " + id.hex());
        }
        ASHLAR_TRY(std::shared_ptr<const Object> object,
                   objects_.read(peeled.id, kObjectSizeMaxDefault));
        Expected<TagView> tag = parse_tag(object->content);
        if (!tag) {
            return fail(ErrorCode::corrupt, "tag " + peeled.id.hex() + ": " + tag.error().detail);
        }
        peeled.tags.push_back(peeled.id);
        peeled.id = tag->target.id;
    }
}

Expected<std::optional<CommitIndex>> CommitGraph::commit_of(const ObjectId& id) {
    ASHLAR_TRY(Peeled peeled, peel(id));
    if (peeled.type != ObjectType::commit) return std::optional<CommitIndex>();
    ASHLAR_TRY(CommitIndex index, index_of(peeled.id));
    return std::optional<CommitIndex>(index);
}

bool CommitQueue::later(const Entry& left, const Entry& right) {
    if (left.seconds != right.seconds) return left.seconds < right.seconds;
    return left.index > right.index;
}

Expected<void> CommitQueue::push(CommitIndex index) {
    ASHLAR_TRY(const GraphCommit* commit, graph_.load(index));
    heap_.push_back({commit->committed_seconds, index});
    std::push_heap(heap_.begin(), heap_.end(), later);
    return {};
}

CommitIndex CommitQueue::pop() {
    ASHLAR_ASSERT(!heap_.empty());
    std::pop_heap(heap_.begin(), heap_.end(), later);
    CommitIndex index = heap_.back().index;
    heap_.pop_back();
    return index;
}

}  // namespace ashlar::git
