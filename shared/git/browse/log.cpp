#include "git/browse/log.h"

#include <map>

#include "git/browse/commit_queue.h"

namespace ashlar::git::browse {

namespace {

class LogWalk {
  public:
    LogWalk(ObjectSource& objects, std::string_view path, std::size_t walk_max)
        : objects_(objects), path_(path), walk_max_(walk_max) {}

    Expected<void> start(const std::vector<ObjectId>& frontier) {
        for (const ObjectId& id : frontier) ASHLAR_CHECK(push(id));
        return {};
    }

    // The next commit to show; nothing at the end or where the walk became too long.
    Expected<std::optional<Commit>> next() {
        while (walked_ < walk_max_) {
            std::optional<CommitQueue::Item> item = queue_.pop();
            if (!item) return std::optional<Commit>();
            ++walked_;
            ASHLAR_TRY(Commit commit, take(item->id));
            ASHLAR_TRY(bool shown, push_parents(commit));
            if (shown) return std::optional(std::move(commit));
        }
        return std::optional<Commit>();
    }

    const CommitQueue& queue() const { return queue_; }
    std::size_t walked() const { return walked_; }

  private:
    Expected<void> push(const ObjectId& id) {
        if (queue_.knows(id)) return {};
        ASHLAR_TRY(const Commit* commit, load(id));
        queue_.push({commit->view.committer.seconds, id});
        return {};
    }

    // Commits that wait in the queue are kept, so that each is read once.
    Expected<const Commit*> load(const ObjectId& id) {
        auto known = loaded_.find(id);
        if (known == loaded_.end()) {
            ASHLAR_TRY(Commit commit, read_commit(objects_, id));
            known = loaded_.emplace(id, std::move(commit)).first;
        }
        return &known->second;
    }

    Expected<Commit> take(const ObjectId& id) {
        ASHLAR_TRY(const Commit* commit, load(id));
        Commit taken = *commit;
        loaded_.erase(id);
        return taken;
    }

    // Queues the parents that matter; whether the commit itself is shown.
    Expected<bool> push_parents(const Commit& commit) {
        if (path_.empty()) {
            for (const ObjectId& parent : commit.view.parents) ASHLAR_CHECK(push(parent));
            return true;
        }
        ASHLAR_TRY(auto entry, find_path(objects_, commit.view.tree, path_));
        for (const ObjectId& parent : commit.view.parents) {
            ASHLAR_TRY(bool same, explains(parent, commit, entry));
            if (!same) continue;
            ASHLAR_CHECK(push(parent));
            return false;
        }
        for (const ObjectId& parent : commit.view.parents) ASHLAR_CHECK(push(parent));
        return entry.has_value() || !commit.view.parents.empty();
    }

    // Whether the parent has the same at the path.
    Expected<bool> explains(const ObjectId& parent_id, const Commit& commit,
                            const std::optional<PathEntry>& entry) {
        ASHLAR_TRY(Commit parent, read_commit(objects_, parent_id));
        if (parent.view.tree == commit.view.tree) return true;
        ASHLAR_TRY(auto there, find_path(objects_, parent.view.tree, path_));
        return there == entry;
    }

    ObjectSource& objects_;
    std::string path_;
    std::size_t walk_max_;
    std::size_t walked_ = 0;
    CommitQueue queue_;
    std::map<ObjectId, Commit> loaded_;
};

Expected<void> check(const LogCursor& from) {
    if (from.frontier.size() > kLogFrontierMax || from.skip > kLogSkipMax) {
        return fail(ErrorCode::limit_exceeded, "this place in the history is too far back");
    }
    return {};
}

}  // namespace

Expected<LogPage> read_log(ObjectSource& objects, const LogCursor& from, std::string_view path,
                           std::size_t count_max) {
    ASHLAR_CHECK(check(from));
    LogWalk walk(objects, path, kLogWalkMax + from.skip);
    ASHLAR_CHECK(walk.start(from.frontier));
    LogPage page;
    std::size_t skipped = 0;
    while (page.commits.size() < count_max) {
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
    page.gave_up = page.commits.size() < count_max;
    if (walk.queue().size() <= kLogFrontierMax) {
        page.next = LogCursor{walk.queue().ids(), 0};
    } else if (from.skip + page.commits.size() <= kLogSkipMax && !page.commits.empty()) {
        page.next = LogCursor{from.frontier, from.skip + page.commits.size()};
    }
    return page;
}

}  // namespace ashlar::git::browse
