#include "git/browse/log.h"

#include <algorithm>
#include <map>

#include "git/browse/commit_queue.h"

namespace ashlar::git::browse {

namespace {

class LogWalk {
  public:
    LogWalk(ObjectSource& objects, std::string_view path, std::size_t commits_max,
            std::size_t objects_max)
        : objects_(objects),
          path_(path),
          path_cost_(path.empty()
                         ? 0
                         : 1 + static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'))),
          commits_max_(commits_max),
          objects_max_(objects_max) {}

    Expected<void> start(const std::vector<ObjectId>& frontier) {
        for (const ObjectId& id : frontier) ASHLAR_CHECK(push(id));
        return {};
    }

    // The next commit to show; nothing at the end or where the walk became too long.
    Expected<std::optional<Commit>> next() {
        while (walked_ < commits_max_ && read_ < objects_max_) {
            std::optional<CommitQueue::Item> item = queue_.pop();
            if (!item) return std::optional<Commit>();
            ++walked_;
            ASHLAR_TRY(bool shown, push_parents(item->id));
            auto node = known_.extract(item->id);
            if (shown) return std::optional(std::move(node.mapped().commit));
        }
        return std::optional<Commit>();
    }

    const CommitQueue& queue() const { return queue_; }
    std::size_t walked() const { return walked_; }

  private:
    // What was read is kept until the commit's turn, so that it is read once.
    struct Known {
        Commit commit;
        bool is_looked_up = false;
        std::optional<PathEntry> entry;  // at the path
    };

    Expected<void> push(const ObjectId& id) {
        if (queue_.knows(id)) return {};
        ASHLAR_TRY(Known * known, load(id));
        queue_.push({known->commit.view.committer.seconds, id});
        return {};
    }

    Expected<Known*> load(const ObjectId& id) {
        auto found = known_.find(id);
        if (found == known_.end()) {
            ++read_;
            ASHLAR_TRY(Commit commit, read_commit(objects_, id));
            found = known_.emplace(id, Known{std::move(commit), false, {}}).first;
        }
        return &found->second;
    }

    Expected<const std::optional<PathEntry>*> entry_of(Known& known) {
        if (!known.is_looked_up) {
            read_ += path_cost_;
            ASHLAR_TRY(known.entry, find_path(objects_, known.commit.view.tree, path_));
            known.is_looked_up = true;
        }
        return &known.entry;
    }

    // Queues the parents that matter; whether the commit itself is shown.
    Expected<bool> push_parents(const ObjectId& id) {
        ASHLAR_TRY(Known * known, load(id));
        const std::vector<ObjectId>& parents = known->commit.view.parents;
        if (path_.empty()) {
            for (const ObjectId& parent : parents) ASHLAR_CHECK(push(parent));
            return true;
        }
        for (const ObjectId& parent : parents) {
            ASHLAR_TRY(bool same, explains(parent, *known));
            if (!same) continue;
            ASHLAR_CHECK(push(parent));
            return false;
        }
        for (const ObjectId& parent : parents) ASHLAR_CHECK(push(parent));
        ASHLAR_TRY(auto entry, entry_of(*known));
        return entry->has_value() || !parents.empty();
    }

    // Whether the parent has the same at the path.
    Expected<bool> explains(const ObjectId& parent_id, Known& child) {
        ASHLAR_TRY(Known * parent, load(parent_id));
        if (parent->commit.view.tree == child.commit.view.tree) return true;
        ASHLAR_TRY(auto here, entry_of(child));
        ASHLAR_TRY(auto there, entry_of(*parent));
        return *here == *there;
    }

    ObjectSource& objects_;
    std::string path_;
    std::size_t path_cost_;  // trees between a commit and what the path names
    std::size_t commits_max_;
    std::size_t objects_max_;
    std::size_t walked_ = 0;
    std::size_t read_ = 0;
    CommitQueue queue_;
    std::map<ObjectId, Known> known_;
};

Expected<void> check(const LogCursor& from) {
    if (from.frontier.size() > kLogFrontierMax || from.skip > kLogSkipMax) {
        return fail(ErrorCode::limit_exceeded, "this place in the history is too far back");
    }
    return {};
}

}  // namespace

Expected<LogPage> read_log(ObjectSource& objects, const LogCursor& from, std::string_view path,
                           const LogLimits& limits) {
    ASHLAR_CHECK(check(from));
    // Skipped commits count beside the limits, or a page far back would never be reached.
    LogWalk walk(objects, path, limits.commits_max + from.skip, limits.objects_max + from.skip);
    ASHLAR_CHECK(walk.start(from.frontier));
    LogPage page;
    std::size_t skipped = 0;
    while (page.commits.size() < limits.count_max) {
        ASHLAR_TRY(std::optional<Commit> commit, walk.next());
        if (!commit) break;
        if (skipped < from.skip) {
            ++skipped;
        } else {
            page.commits.push_back(std::move(*commit));
        }
    }
    page.walked = walk.walked();
    if (walk.queue().empty()) return page;
    page.gave_up = page.commits.size() < limits.count_max;
    if (walk.queue().size() <= kLogFrontierMax) {
        page.next = LogCursor{walk.queue().ids(), 0};
    } else if (from.skip + page.commits.size() <= kLogSkipMax && !page.commits.empty()) {
        page.next = LogCursor{from.frontier, from.skip + page.commits.size()};
    }
    return page;
}

}  // namespace ashlar::git::browse
