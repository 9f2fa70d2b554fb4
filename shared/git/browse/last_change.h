// Which commit last changed each entry of a folder, as far as a bounded walk through history finds
// it. (An index from path to commit will take its place; the answer says where the walk gave up.)
#pragma once

#include <map>
#include <string>
#include <vector>

#include "git/browse/read.h"

namespace ashlar::git::browse {

struct LastChangeLimits {
    std::size_t commits_max = 1'000;    // commits looked at
    std::size_t entries_max = 400'000;  // tree entries compared
    std::size_t objects_max = 20'000;   // commits and trees read
};

struct LastChanges {
    std::vector<Commit> commits;
    std::map<std::string, std::size_t, std::less<>> by_name;  // entry's name to index in commits
    bool complete = true;  // false: a limit ended the walk before each entry was found
    std::size_t walked = 0;
};

// `path` names a folder of the commit (empty: the root).
Expected<LastChanges> find_last_changes(ObjectSource& objects, const ObjectId& commit,
                                        std::string_view path, const LastChangeLimits& limits);

}  // namespace ashlar::git::browse
