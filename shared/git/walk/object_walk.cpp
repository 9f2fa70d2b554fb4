#include "git/walk/object_walk.h"

#include "git/walk/commit_paint.h"
#include "git/walk/tree_walk.h"

namespace ashlar::git {
namespace {

// More parents than these are not compared with: each costs the reading of its trees.
constexpr std::size_t kParentsCompared = 4;

class ObjectWalk {
  public:
    ObjectWalk(CommitGraph& graph, const ObjectWalkRequest& request)
        : graph_(graph),
          request_(request),
          trees_(graph.objects(), request.filter, result_.states) {}

    Expected<ListedObjects> run() {
        for (const ObjectId& id : request_.haves) ASHLAR_CHECK(add_have(id));
        for (const ObjectId& id : request_.edges) ASHLAR_CHECK(add_have(id));
        for (const ObjectId& id : request_.wants) ASHLAR_CHECK(add_want(id));
        ASHLAR_TRY(std::vector<CommitIndex> commits, commits_in_range(graph_, range_));
        for (const ObjectId& id : request_.edges) ASHLAR_CHECK(hold_edge(id));
        ASHLAR_CHECK(list_commits(commits));
        for (const ObjectId& tag : tags_) list(tag);
        ASHLAR_CHECK(list_contents(commits));
        return std::move(result_);
    }

  private:
    WalkState& state_of(const ObjectId& id) { return *result_.states.insert(id).value; }

    void list(const ObjectId& id) {
        WalkState& state = state_of(id);
        if (state != WalkState::unseen) return;
        state = WalkState::listed;
        result_.ids.push_back(id);
    }

    Expected<void> add_have(const ObjectId& id) {
        Expected<Peeled> peeled = graph_.peel(id);
        if (!peeled) {
            if (peeled.error().code == ErrorCode::not_found) return {};
            return Unexpected(std::move(peeled).error());
        }
        for (const ObjectId& tag : peeled->tags) state_of(tag) = WalkState::held;
        if (peeled->type == ObjectType::commit) {
            ASHLAR_TRY(CommitIndex index, graph_.index_of(peeled->id));
            range_.unwanted.push_back(index);
        } else {
            state_of(peeled->id) =
                peeled->type == ObjectType::tree ? WalkState::opaque : WalkState::held;
        }
        return {};
    }

    // What was asked for by id is listed, whatever the filter says of its type.
    Expected<void> add_want(const ObjectId& id) {
        ASHLAR_TRY(Peeled peeled, graph_.peel(id));
        for (const ObjectId& tag : peeled.tags) {
            if (tag == id || request_.filter.keeps_tags()) tags_.push_back(tag);
        }
        // Who asks for a tag asks for what it names.
        wanted_.insert(peeled.id);
        const bool by_id = peeled.tags.empty();
        if (peeled.type == ObjectType::commit) {
            ASHLAR_TRY(CommitIndex index, graph_.index_of(peeled.id));
            range_.wanted.push_back(index);
        } else if (peeled.type == ObjectType::tree) {
            (by_id ? roots_ : tagged_roots_).push_back(peeled.id);
        } else if (peeled.type == ObjectType::blob) {
            blobs_.push_back(peeled.id);
        }
        return {};
    }

    Expected<void> hold_edge(const ObjectId& id) {
        ASHLAR_TRY(CommitIndex index, graph_.index_of(id));
        ASHLAR_TRY(const GraphCommit* commit, graph_.load(index));
        return trees_.hold(commit->tree);
    }

    Expected<void> list_commits(const std::vector<CommitIndex>& commits) {
        const bool keeps_all = request_.filter.keeps_commits();
        for (CommitIndex index : commits) {
            const ObjectId& id = graph_.id_of(index);
            if (keeps_all || wanted_.contains(id)) list(id);
        }
        return {};
    }

    // Oldest first, so that a parent's trees have been listed when its child's are compared with
    // them; put out newest first.
    Expected<void> list_contents(const std::vector<CommitIndex>& commits) {
        std::vector<ObjectId> listed;
        std::vector<std::size_t> starts;
        for (const ObjectId& root : roots_) ASHLAR_CHECK(trees_.list_wanted(root, result_.ids));
        ASHLAR_CHECK(list_tagged_roots(commits));
        for (const ObjectId& blob : blobs_) list(blob);
        if (!request_.filter.keeps_entries_at(0)) return {};
        ASHLAR_CHECK(mark_edge_trees(commits));
        for (auto index = commits.rbegin(); index != commits.rend(); ++index) {
            starts.push_back(listed.size());
            ASHLAR_TRY(std::vector<ObjectId> beside, parent_trees(*index));
            ASHLAR_TRY(const GraphCommit* commit, graph_.load(*index));
            ASHLAR_CHECK(trees_.list(commit->tree, 0, beside, listed));
            if (request_.progress) request_.progress(result_.ids.size() + listed.size());
            if (listed.size() > kListedObjectsMax) {
                return fail(ErrorCode::limit_exceeded,
                            "an answer may have " + std::to_string(kListedObjectsMax) + " objects");
            }
        }
        std::size_t end = listed.size();
        for (auto start = starts.rbegin(); start != starts.rend(); ++start) {
            result_.ids.insert(result_.ids.end(),
                               listed.begin() + static_cast<std::ptrdiff_t>(*start),
                               listed.begin() + static_cast<std::ptrdiff_t>(end));
            end = *start;
        }
        return {};
    }

    // A tree that a tag names is as good as asked for, unless it is a commit's, and then the filter
    // has its say (as it has in git).
    Expected<void> list_tagged_roots(const std::vector<CommitIndex>& commits) {
        if (tagged_roots_.empty()) return {};
        ObjectIdSet commit_trees;
        for (CommitIndex index : commits) {
            ASHLAR_TRY(const GraphCommit* commit, graph_.load(index));
            commit_trees.insert(commit->tree);
        }
        for (const ObjectId& root : tagged_roots_) {
            if (commit_trees.contains(root)) continue;
            ASHLAR_CHECK(trees_.list_wanted(root, result_.ids));
        }
        return {};
    }

    // The client has the trees of parents that are not listed.
    Expected<void> mark_edge_trees(const std::vector<CommitIndex>& commits) {
        if (range_.unwanted.empty()) return {};
        std::vector<bool> is_listed(graph_.size());
        for (CommitIndex index : commits) is_listed[index] = true;
        for (CommitIndex index : commits) {
            ASHLAR_TRY(const GraphCommit* commit, graph_.load(index));
            const std::vector<CommitIndex> parents = commit->parents;
            for (CommitIndex parent : parents) {
                if (is_listed[parent]) continue;
                ASHLAR_TRY(const GraphCommit* edge, graph_.load(parent));
                WalkState& commit_state = state_of(edge->id);
                if (commit_state == WalkState::unseen) commit_state = WalkState::held;
                WalkState& state = state_of(edge->tree);
                if (state == WalkState::unseen) state = WalkState::opaque;
            }
        }
        return {};
    }

    Expected<std::vector<ObjectId>> parent_trees(CommitIndex index) {
        std::vector<ObjectId> trees;
        if (range_.unwanted.empty()) return trees;
        ASHLAR_TRY(const GraphCommit* commit, graph_.load(index));
        const std::vector<CommitIndex> parents = commit->parents;
        for (CommitIndex parent : parents) {
            if (trees.size() == kParentsCompared) break;
            ASHLAR_TRY(const GraphCommit* parent_commit, graph_.load(parent));
            trees.push_back(parent_commit->tree);
        }
        return trees;
    }

    CommitGraph& graph_;
    const ObjectWalkRequest& request_;
    ListedObjects result_;
    TreeWalk trees_;
    CommitRange range_;
    ObjectIdSet wanted_;
    std::vector<ObjectId> tags_;
    std::vector<ObjectId> roots_;
    std::vector<ObjectId> tagged_roots_;
    std::vector<ObjectId> blobs_;
};

}  // namespace

bool ListedObjects::lists(const ObjectId& id) const {
    const WalkState* state = states.find(id);
    return state != nullptr && *state == WalkState::listed;
}

bool ListedObjects::client_holds(const ObjectId& id) const {
    const WalkState* state = states.find(id);
    return state != nullptr && (*state == WalkState::held || *state == WalkState::opaque);
}

void ListedObjects::add(const ObjectId& id) {
    WalkState& state = *states.insert(id).value;
    if (state != WalkState::unseen) return;
    state = WalkState::listed;
    ids.push_back(id);
}

Expected<ListedObjects> list_objects(CommitGraph& graph, const ObjectWalkRequest& request) {
    Expected<ListedObjects> listed = ObjectWalk(graph, request).run();
    if (!listed && listed.error().code == ErrorCode::not_found) {
        return fail(ErrorCode::corrupt, "an object is missing: " + listed.error().detail);
    }
    return listed;
}

}  // namespace ashlar::git
