// Deleted and added files that are one file under a new name.
#pragma once

#include <vector>

#include "git/browse/diff.h"

namespace ashlar::git::browse {

// Joins pairs of a deletion and an addition in `files`: first those of one content, then, within
// the limits, those that are alike. Keeps the order of paths.
Expected<void> join_renames(ObjectSource& objects, std::vector<FileDiff>& files,
                            const DiffLimits& limits);

}  // namespace ashlar::git::browse
