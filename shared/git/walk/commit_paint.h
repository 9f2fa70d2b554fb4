// Which commits some tips reach and others do not.
#pragma once

#include <vector>

#include "git/walk/commit_graph.h"

namespace ashlar::git {

struct CommitRange {
    std::vector<CommitIndex> wanted;    // what the tips reach
    std::vector<CommitIndex> unwanted;  // less what these reach
    // Commits older than this are unwanted.
    std::optional<std::int64_t> since_seconds;
};

// Newest first. Stops as soon as everything that is left is unwanted, and looks at a few commits
// more in case that dates run backwards.
Expected<std::vector<CommitIndex>> commits_in_range(CommitGraph& graph, const CommitRange& range);

}  // namespace ashlar::git
