#include "git/browse/tree_changes.h"

#include <algorithm>

namespace ashlar::git::browse {

namespace {

class TreeComparison {
  public:
    TreeComparison(ObjectSource& objects, const TreeChangeLimits& limits)
        : objects_(objects), limits_(limits) {}

    Expected<TreeChanges> run(const std::optional<ObjectId>& before,
                              const std::optional<ObjectId>& after) {
        folders_.push_back({"", before, after});
        while (!folders_.empty() && !result_.cut) {
            Folder folder = std::move(folders_.back());
            folders_.pop_back();
            if (folder.before != folder.after) ASHLAR_CHECK(compare(folder));
        }
        std::stable_sort(result_.changes.begin(), result_.changes.end(),
                         [](const FileChange& left, const FileChange& right) {
                             return path_of(left) < path_of(right);
                         });
        return std::move(result_);
    }

  private:
    struct Folder {
        std::string prefix;  // "" or "a/b/"
        std::optional<ObjectId> before;
        std::optional<ObjectId> after;
    };

    static const std::string& path_of(const FileChange& change) {
        return change.after ? change.after->path : change.before->path;
    }

    Expected<Tree> entries_of(const std::optional<ObjectId>& id) {
        if (!id) return Tree{};
        if (++trees_read_ > limits_.trees_max) {
            result_.cut = true;
            return Tree{};
        }
        return read_entries(objects_, *id);
    }

    Expected<void> compare(const Folder& folder) {
        ASHLAR_TRY(Tree before, entries_of(folder.before));
        ASHLAR_TRY(Tree after, entries_of(folder.after));
        if (result_.cut) return {};
        auto left = before.entries.begin();
        auto right = after.entries.begin();
        while (left != before.entries.end() || right != after.entries.end()) {
            bool take_left = right == after.entries.end() ||
                             (left != before.entries.end() && !is_before(*right, *left));
            bool take_right = left == before.entries.end() ||
                              (right != after.entries.end() && !is_before(*left, *right));
            add(folder.prefix, take_left ? &*left : nullptr, take_right ? &*right : nullptr);
            if (take_left) ++left;
            if (take_right) ++right;
        }
        return {};
    }

    static bool is_before(const TreeEntryView& left, const TreeEntryView& right) {
        return tree_entry_before(left.name, left.is_tree(), right.name, right.is_tree());
    }

    void add(const std::string& prefix, const TreeEntryView* before, const TreeEntryView* after) {
        if (before != nullptr && after != nullptr && before->id == after->id &&
            before->mode == after->mode) {
            return;
        }
        std::string path = prefix;
        path.append(after != nullptr ? after->name : before->name);
        // One order for trees and files of a name means that both sides are of one kind.
        bool is_tree = after != nullptr ? after->is_tree() : before->is_tree();
        if (is_tree) {
            Folder folder{path + "/", std::nullopt, std::nullopt};
            if (before != nullptr) folder.before = before->id;
            if (after != nullptr) folder.after = after->id;
            folders_.push_back(std::move(folder));
            return;
        }
        if (result_.changes.size() >= limits_.changes_max) {
            result_.cut = true;
            return;
        }
        FileChange change;
        if (before != nullptr) change.before = FileSide{path, before->mode, before->id};
        if (after != nullptr) change.after = FileSide{path, after->mode, after->id};
        result_.changes.push_back(std::move(change));
    }

    ObjectSource& objects_;
    TreeChangeLimits limits_;
    std::vector<Folder> folders_;
    std::size_t trees_read_ = 0;
    TreeChanges result_;
};

}  // namespace

Expected<TreeChanges> compare_trees(ObjectSource& objects, const std::optional<ObjectId>& before,
                                    const std::optional<ObjectId>& after,
                                    const TreeChangeLimits& limits) {
    return TreeComparison(objects, limits).run(before, after);
}

}  // namespace ashlar::git::browse
