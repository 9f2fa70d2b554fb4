// What differs between two trees, file by file, without looking into the files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "git/browse/read.h"

namespace ashlar::git::browse {

struct FileSide {
    std::string path;
    std::uint32_t mode = 0;
    ObjectId id;
};

// At least one side is there: one only where the file was added or deleted.
struct FileChange {
    std::optional<FileSide> before;
    std::optional<FileSide> after;
};

struct TreeChangeLimits {
    std::size_t changes_max = 3'000;
    std::size_t trees_max = 20'000;  // trees read; a tree of few objects may unfold into millions
};

struct TreeChanges {
    std::vector<FileChange> changes;  // ordered by path
    bool cut = false;                 // a limit was reached, and there are more
};

// An absent tree is an empty one.
Expected<TreeChanges> compare_trees(ObjectSource& objects, const std::optional<ObjectId>& before,
                                    const std::optional<ObjectId>& after,
                                    const TreeChangeLimits& limits);

}  // namespace ashlar::git::browse
