#include "git/walk/shallow.h"

#include <algorithm>

#include "git/walk/commit_paint.h"
#include "git/walk/object_id_map.h"

namespace ashlar::git {
namespace {

// The least number of steps from a tip, in a walk level by level.
struct Levels {
    std::vector<CommitIndex> inside;  // their parents are sent
    std::vector<CommitIndex> border;  // their parents are not
};

Expected<Levels> levels_from(CommitGraph& graph, std::vector<CommitIndex> level,
                             std::uint32_t depth) {
    Levels levels;
    std::vector<bool> seen;
    auto first_visit = [&](CommitIndex index) {
        if (index >= seen.size()) seen.resize(std::max<std::size_t>(graph.size(), index + 1));
        if (seen[index]) return false;
        seen[index] = true;
        return true;
    };
    std::erase_if(level, [&](CommitIndex index) { return !first_visit(index); });
    for (std::uint32_t number = 1; !level.empty(); ++number) {
        if (number >= depth) {
            levels.border = std::move(level);
            return levels;
        }
        std::vector<CommitIndex> next;
        for (CommitIndex index : level) {
            ASHLAR_TRY(const GraphCommit* commit, graph.load(index));
            for (CommitIndex parent : commit->parents) {
                if (first_visit(parent)) next.push_back(parent);
            }
            levels.inside.push_back(index);
        }
        level = std::move(next);
    }
    return levels;
}

Expected<std::vector<CommitIndex>> commits_of(CommitGraph& graph,
                                              const std::vector<ObjectId>& ids) {
    std::vector<CommitIndex> commits;
    for (const ObjectId& id : ids) {
        ASHLAR_TRY(std::optional<CommitIndex> commit, graph.commit_of(id));
        if (commit) commits.push_back(*commit);
    }
    return commits;
}

// Those of the client's shallow commits that are here and that the wants reach.
Expected<std::vector<CommitIndex>> reachable_shallows(CommitGraph& graph,
                                                      const ShallowRequest& request) {
    ObjectIdSet shallows;
    for (const ObjectId& id : request.client_shallows) shallows.insert(id);
    CommitRange range;
    ASHLAR_TRY(range.wanted, commits_of(graph, request.wants));
    ASHLAR_TRY(std::vector<CommitIndex> commits, commits_in_range(graph, range));
    std::erase_if(commits,
                  [&](CommitIndex index) { return !shallows.contains(graph.id_of(index)); });
    return commits;
}

Expected<Levels> levels_by_depth(CommitGraph& graph, const ShallowRequest& request) {
    if (request.depth == kDepthInfinite) {
        // Nothing is cut any more, so there is no need to look how far each commit is.
        ASHLAR_TRY(std::vector<CommitIndex> inside, commits_of(graph, request.client_shallows));
        return Levels{std::move(inside), {}};
    }
    if (request.depth_is_relative) {
        ASHLAR_TRY(std::vector<CommitIndex> from, reachable_shallows(graph, request));
        return levels_from(graph, std::move(from), request.depth + 1);
    }
    ASHLAR_TRY(std::vector<CommitIndex> from, commits_of(graph, request.wants));
    return levels_from(graph, std::move(from), request.depth);
}

Expected<Levels> levels_by_range(CommitGraph& graph, const ShallowRequest& request) {
    CommitRange range;
    ASHLAR_TRY(range.wanted, commits_of(graph, request.wants));
    ASHLAR_TRY(range.unwanted, commits_of(graph, request.excluded));
    range.since_seconds = request.since_seconds;
    ASHLAR_TRY(std::vector<CommitIndex> selected, commits_in_range(graph, range));
    if (selected.empty()) {
        return fail(ErrorCode::invalid, "no commits selected for shallow requests");
    }
    std::vector<bool> is_selected(graph.size());
    for (CommitIndex index : selected) is_selected[index] = true;
    Levels levels;
    for (CommitIndex index : selected) {
        ASHLAR_TRY(const GraphCommit* commit, graph.load(index));
        is_selected.resize(std::max(is_selected.size(), graph.size()));
        const bool is_border =
            std::any_of(commit->parents.begin(), commit->parents.end(),
                        [&](CommitIndex parent) { return !is_selected[parent]; });
        (is_border ? levels.border : levels.inside).push_back(index);
    }
    return levels;
}

}  // namespace

Expected<ShallowChange> shallow_change(CommitGraph& graph, const ShallowRequest& request) {
    ShallowChange change;
    change.cuts = request.client_shallows;
    if (!request.deepens()) return change;
    ASHLAR_TRY(Levels levels, request.depth > 0 ? levels_by_depth(graph, request)
                                                : levels_by_range(graph, request));
    ObjectIdSet known;
    for (const ObjectId& id : request.client_shallows) known.insert(id);
    for (CommitIndex index : levels.border) {
        const ObjectId& id = graph.id_of(index);
        if (known.contains(id)) continue;
        change.shallows.push_back(id);
        change.cuts.push_back(id);
    }
    ObjectIdSet inside;
    for (CommitIndex index : levels.inside) inside.insert(graph.id_of(index));
    for (const ObjectId& id : request.client_shallows) {
        if (!inside.contains(id)) continue;
        change.unshallows.push_back(id);
        ASHLAR_TRY(CommitIndex index, graph.index_of(id));
        ASHLAR_TRY(const GraphCommit* commit, graph.load(index));
        for (CommitIndex parent : commit->parents) change.wants.push_back(graph.id_of(parent));
    }
    return change;
}

}  // namespace ashlar::git
