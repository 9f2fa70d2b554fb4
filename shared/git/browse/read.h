// Objects of one type, read whole, with what they hold beside them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "git/object/commit.h"
#include "git/object/object_source.h"
#include "git/object/tree.h"

namespace ashlar::git::browse {

// Larger commits and trees are not shown.
inline constexpr std::uint64_t kCommitBytesMax = std::uint64_t{4} << 20;
inline constexpr std::uint64_t kTreeBytesMax = std::uint64_t{32} << 20;
// Tags that point to tags that point to tags.
inline constexpr std::size_t kTagDepthMax = 32;

// A commit with the bytes that its view looks into.
struct Commit {
    ObjectId id;
    std::shared_ptr<const Object> object;
    CommitView view;
};

// Fail with `not_found` where there is no such object, with `invalid` where it is of another type
// or broken, and as ObjectSource::read does.
Expected<Commit> read_commit(ObjectSource& objects, const ObjectId& id);
Expected<std::shared_ptr<const Object>> read_tree(ObjectSource& objects, const ObjectId& id);

// What a tag (of a tag...) finally names.
struct Peeled {
    ObjectId id;
    ObjectType type = ObjectType::commit;
};
Expected<Peeled> peel(ObjectSource& objects, const ObjectId& id);

// Where a path leads from a tree: the tree itself for an empty path; nothing where it leads
// nowhere.
struct PathEntry {
    std::uint32_t mode = kModeTree;
    ObjectId id;

    bool is_tree() const { return (mode & kModeTypeMask) == kModeTree; }
    bool is_gitlink() const { return (mode & kModeTypeMask) == kModeGitlink; }
    bool is_symlink() const { return (mode & kModeTypeMask) == kModeSymlink; }
    friend bool operator==(const PathEntry&, const PathEntry&) = default;
};
Expected<std::optional<PathEntry>> find_path(ObjectSource& objects, const ObjectId& root_tree,
                                             std::string_view path);

// The entries of a tree. The views look into the object.
struct Tree {
    std::shared_ptr<const Object> object;
    std::vector<TreeEntryView> entries;
};
Expected<Tree> read_entries(ObjectSource& objects, const ObjectId& id);

// git's own rule: a NUL byte among the first 8,000.
bool looks_binary(ByteView content);

// The entry that people mean by the README of a folder, Markdown before other forms; null where
// there is none.
const TreeEntryView* find_readme(const std::vector<TreeEntryView>& entries);

}  // namespace ashlar::git::browse
