#include "git/walk/reachability.h"

#include <algorithm>

#include "git/object/tree.h"

namespace ashlar::git {
namespace {

class ReachabilitySearch {
  public:
    ReachabilitySearch(ObjectSource& objects, std::size_t objects_max)
        : objects_(objects), objects_max_(objects_max), graph_(objects), queue_(graph_) {}

    Expected<void> add_target(const ObjectId& id) {
        if (!targets_.insert(id).added) return {};
        Expected<ObjectInfo> info = objects_.info(id);
        if (!info) {
            if (info.error().code == ErrorCode::not_found) return {};
            return Unexpected(std::move(info).error());
        }
        if (info->type == ObjectType::tree || info->type == ObjectType::blob) {
            ++contents_left_;
        } else {
            ++commits_left_;
        }
        return {};
    }

    Expected<void> add_tip(const ObjectId& id) {
        if (left() == 0) return {};
        ASHLAR_TRY(Peeled peeled, graph_.peel(id));
        for (const ObjectId& tag : peeled.tags) meet(tag, commits_left_);
        if (peeled.type == ObjectType::commit) return push(peeled.id);
        if (peeled.type == ObjectType::tree) roots_.push_back(peeled.id);
        if (peeled.type == ObjectType::blob) meet(peeled.id, contents_left_);
        return {};
    }

    // Commits are cheap to follow, so they come first; then trees, of the newest commit first.
    Expected<void> run() {
        while (commits_left_ > 0 && !queue_.empty()) ASHLAR_CHECK(step());
        std::size_t next = 0;
        while (contents_left_ > 0) {
            if (next == roots_.size()) {
                if (queue_.empty()) break;
                ASHLAR_CHECK(step());
                continue;
            }
            ASHLAR_CHECK(search_tree(roots_[next++]));
        }
        return {};
    }

    bool found(const ObjectId& id) const {
        const bool* met = targets_.find(id);
        return met != nullptr && *met;
    }

  private:
    std::size_t left() const { return commits_left_ + contents_left_; }

    Expected<void> check_limit() const {
        if (seen_.size() + commits_seen_ <= objects_max_) return {};
        return fail(ErrorCode::limit_exceeded, "looked at " + std::to_string(objects_max_) +
                                                   " objects and did not find what was asked for");
    }

    void meet(const ObjectId& id, std::size_t& count_left) {
        bool* met = targets_.find(id);
        if (met == nullptr || *met || count_left == 0) return;
        *met = true;
        --count_left;
    }

    Expected<void> push(const ObjectId& id) {
        ASHLAR_TRY(CommitIndex index, graph_.index_of(id));
        return push(index);
    }
    Expected<void> push(CommitIndex index) {
        if (index >= queued_.size())
            queued_.resize(std::max<std::size_t>(graph_.size(), index + 1));
        if (queued_[index]) return {};
        ++commits_seen_;
        ASHLAR_CHECK(check_limit());
        ASHLAR_CHECK(queue_.push(index));
        queued_[index] = true;
        return {};
    }

    Expected<void> step() {
        const CommitIndex index = queue_.pop();
        ASHLAR_TRY(const GraphCommit* commit, graph_.load(index));
        meet(commit->id, commits_left_);
        roots_.push_back(commit->tree);
        const std::vector<CommitIndex> parents = commit->parents;
        for (CommitIndex parent : parents) ASHLAR_CHECK(push(parent));
        return {};
    }

    Expected<void> search_tree(const ObjectId& root) {
        std::vector<ObjectId> pending{root};
        if (!seen_.insert(root)) return {};
        meet(root, contents_left_);
        while (!pending.empty() && contents_left_ > 0) {
            const ObjectId id = pending.back();
            pending.pop_back();
            ASHLAR_TRY(std::shared_ptr<const Object> tree,
                       objects_.read(id, kObjectSizeMaxDefault));
            ASHLAR_CHECK(search_entries(tree->content, pending));
            ASHLAR_CHECK(check_limit());
        }
        return {};
    }

    Expected<void> search_entries(ByteView content, std::vector<ObjectId>& pending) {
        TreeReader reader(content);
        while (true) {
            ASHLAR_TRY(std::optional<TreeEntryView> entry, reader.next());
            if (!entry) return {};
            if (entry->is_gitlink()) continue;
            if (!seen_.insert(entry->id)) continue;
            meet(entry->id, contents_left_);
            if (entry->is_tree()) pending.push_back(entry->id);
        }
    }

    ObjectSource& objects_;
    const std::size_t objects_max_;
    CommitGraph graph_;
    CommitQueue queue_;
    std::size_t commits_seen_ = 0;
    std::vector<bool> queued_;
    ObjectIdMap<bool> targets_;  // whether it was met
    std::size_t commits_left_ = 0;
    std::size_t contents_left_ = 0;
    std::vector<ObjectId> roots_;
    ObjectIdSet seen_;  // trees and blobs
};

// A search from one commit after the other that remembers what led nowhere.
class TargetSearch {
  public:
    explicit TargetSearch(CommitGraph& graph) : graph_(graph) {}

    Expected<void> add_target(CommitIndex index) {
        ASHLAR_TRY(const GraphCommit* commit, graph_.load(index));
        oldest_seconds_ = std::min(oldest_seconds_, commit->committed_seconds);
        answer_of(index) = Answer::yes;
        return {};
    }

    Expected<bool> reaches(CommitIndex from) {
        std::vector<Frame> path;
        ASHLAR_TRY(bool found, enter(from, path));
        while (!found && !path.empty()) {
            Frame& frame = path.back();
            if (frame.next == frame.parents.size()) {
                path.pop_back();
                continue;
            }
            const CommitIndex parent = frame.parents[frame.next++];
            ASHLAR_TRY(found, enter(parent, path));
        }
        for (const Frame& frame : path) answer_of(frame.index) = Answer::yes;
        return found;
    }

  private:
    enum class Answer : std::uint8_t { unknown, no, yes };
    struct Frame {
        CommitIndex index;
        std::vector<CommitIndex> parents;
        std::size_t next = 0;
    };

    Answer& answer_of(CommitIndex index) {
        if (index >= answers_.size()) {
            answers_.resize(std::max<std::size_t>(graph_.size(), index + 1));
        }
        return answers_[index];
    }

    // True where the commit is known to reach a target; otherwise it is added to the path if it
    // still has to be looked into. What is older than all targets reaches none.
    Expected<bool> enter(CommitIndex index, std::vector<Frame>& path) {
        if (answer_of(index) != Answer::unknown) return answer_of(index) == Answer::yes;
        answer_of(index) = Answer::no;
        ASHLAR_TRY(const GraphCommit* commit, graph_.load(index));
        if (commit->committed_seconds >= oldest_seconds_) {
            path.push_back(Frame{index, commit->parents, 0});
        }
        return false;
    }

    CommitGraph& graph_;
    std::vector<Answer> answers_;
    std::int64_t oldest_seconds_ = std::numeric_limits<std::int64_t>::max();
};

}  // namespace

Expected<std::vector<ObjectId>> unreachable_from(ObjectSource& objects,
                                                 const std::vector<ObjectId>& ids,
                                                 const std::vector<ObjectId>& tips,
                                                 std::size_t objects_max) {
    ReachabilitySearch search(objects, objects_max);
    for (const ObjectId& id : ids) ASHLAR_CHECK(search.add_target(id));
    for (const ObjectId& tip : tips) ASHLAR_CHECK(search.add_tip(tip));
    ASHLAR_CHECK(search.run());
    std::vector<ObjectId> unreachable;
    for (const ObjectId& id : ids) {
        if (!search.found(id)) unreachable.push_back(id);
    }
    return unreachable;
}

Expected<bool> all_reach_some(CommitGraph& graph, const std::vector<CommitIndex>& commits,
                              const std::vector<CommitIndex>& targets) {
    if (targets.empty()) return commits.empty();
    TargetSearch search(graph);
    for (CommitIndex target : targets) ASHLAR_CHECK(search.add_target(target));
    for (CommitIndex commit : commits) {
        ASHLAR_TRY(bool reaches, search.reaches(commit));
        if (!reaches) return false;
    }
    return true;
}

}  // namespace ashlar::git
