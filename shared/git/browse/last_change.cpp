#include "git/browse/last_change.h"

#include <algorithm>
#include <iterator>

#include "git/browse/commit_queue.h"

namespace ashlar::git::browse {

namespace {

// Indices into the folder's entries, in their order.
using Interest = std::vector<std::size_t>;

class LastChangeWalk {
  public:
    LastChangeWalk(ObjectSource& objects, std::string_view path, const LastChangeLimits& limits)
        : objects_(objects),
          path_(path),
          path_cost_(static_cast<std::size_t>(std::count(path.begin(), path.end(), '/')) + 1),
          limits_(limits) {}

    Expected<LastChanges> run(const ObjectId& start) {
        ASHLAR_TRY(Commit first, read_commit(objects_, start));
        ASHLAR_TRY(auto entry, folder_entry(first));
        ASHLAR_TRY(folder_, folder_at(entry));
        Interest all(folder_.entries.size());
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
        remaining_ = all.size();
        add(first, std::move(all));
        while (remaining_ > 0) {
            std::optional<CommitQueue::Item> item = queue_.pop();
            if (!item) break;
            if (is_spent()) break;
            ++result_.walked;
            ASHLAR_CHECK(visit(item->id));
        }
        result_.complete = remaining_ == 0;
        return std::move(result_);
    }

  private:
    bool is_spent() const {
        return result_.walked >= limits_.commits_max || compared_ > limits_.entries_max ||
               read_ > limits_.objects_max;
    }

    struct Pending {
        Commit commit;
        Interest interest;
    };

    Expected<std::optional<PathEntry>> folder_entry(const Commit& commit) {
        read_ += path_cost_ + 1;
        return find_path(objects_, commit.view.tree, path_);
    }

    // The folder's entries; none where it is no folder.
    Expected<Tree> folder_at(const std::optional<PathEntry>& entry) {
        if (!entry || !entry->is_tree()) return Tree{};
        return read_entries(objects_, entry->id);
    }

    void add(const Commit& commit, Interest interest) {
        auto [known, is_new] = pending_.try_emplace(commit.id, Pending{commit, {}});
        Interest merged;
        std::set_union(known->second.interest.begin(), known->second.interest.end(),
                       interest.begin(), interest.end(), std::back_inserter(merged));
        known->second.interest = std::move(merged);
        if (is_new) queue_.push({commit.view.committer.seconds, commit.id});
    }

    Expected<void> visit(const ObjectId& id) {
        auto node = pending_.extract(id);
        if (node.empty()) return {};
        Commit commit = std::move(node.mapped().commit);
        Interest interest = still_wanted(node.mapped().interest);
        ASHLAR_TRY(auto here, folder_entry(commit));
        for (const ObjectId& parent_id : commit.view.parents) {
            if (interest.empty()) return {};
            ASHLAR_TRY(Commit parent, read_commit(objects_, parent_id));
            ASHLAR_TRY(auto there, folder_entry(parent));
            if (here == there) {
                add(parent, std::move(interest));
                return {};
            }
            ASHLAR_TRY(Tree tree, folder_at(there));
            Interest changed;
            Interest same;
            split(interest, tree, same, changed);
            if (!same.empty()) add(parent, std::move(same));
            interest = std::move(changed);
        }
        settle(interest, std::move(commit));
        return {};
    }

    Interest still_wanted(const Interest& interest) const {
        Interest wanted;
        for (std::size_t i : interest) {
            if (!result_.by_name.contains(folder_.entries[i].name)) wanted.push_back(i);
        }
        return wanted;
    }

    // Both lists are in a tree's order, so one pass over both finds what is the same.
    void split(const Interest& interest, const Tree& parent, Interest& same, Interest& changed) {
        std::size_t at = 0;
        for (std::size_t i : interest) {
            const TreeEntryView& entry = folder_.entries[i];
            while (at < parent.entries.size() && before(parent.entries[at], entry)) ++at;
            bool equal = at < parent.entries.size() && parent.entries[at].name == entry.name &&
                         parent.entries[at].id == entry.id && parent.entries[at].mode == entry.mode;
            (equal ? same : changed).push_back(i);
        }
        compared_ += interest.size() + parent.entries.size();
    }

    static bool before(const TreeEntryView& left, const TreeEntryView& right) {
        return tree_entry_before(left.name, left.is_tree(), right.name, right.is_tree());
    }

    void settle(const Interest& interest, Commit commit) {
        if (interest.empty()) return;
        for (std::size_t i : interest) {
            bool is_new =
                result_.by_name
                    .try_emplace(std::string(folder_.entries[i].name), result_.commits.size())
                    .second;
            if (is_new) --remaining_;
        }
        result_.commits.push_back(std::move(commit));
    }

    ObjectSource& objects_;
    std::string path_;
    std::size_t path_cost_;  // trees between a commit and the folder
    LastChangeLimits limits_;
    Tree folder_;
    std::size_t remaining_ = 0;
    std::size_t compared_ = 0;
    std::size_t read_ = 0;
    CommitQueue queue_;
    std::map<ObjectId, Pending> pending_;
    LastChanges result_;
};

}  // namespace

Expected<LastChanges> find_last_changes(ObjectSource& objects, const ObjectId& commit,
                                        std::string_view path, const LastChangeLimits& limits) {
    return LastChangeWalk(objects, path, limits).run(commit);
}

}  // namespace ashlar::git::browse
