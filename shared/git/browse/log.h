// The history of a commit, or of one path in it, page by page: latest first, by the committer's
// clock. A path's history leaves out what another parent explains, as git log does by default.
#pragma once

#include <string>
#include <vector>

#include "git/browse/read.h"

namespace ashlar::git::browse {

// Where to go on: commits whose history is still to be shown. Wide histories have more of these
// than an address can hold; then the page starts again where this one did, and skips what it
// showed.
struct LogCursor {
    std::vector<ObjectId> frontier;
    std::size_t skip = 0;
};

inline constexpr std::size_t kLogFrontierMax = 24;
inline constexpr std::size_t kLogSkipMax = 100'000;
// Commits looked at for one page of a path's history; the next page goes on from there.
inline constexpr std::size_t kLogWalkMax = 5'000;

struct LogPage {
    std::vector<Commit> commits;
    std::optional<LogCursor> next;  // nothing where history ends here
    bool gave_up = false;           // kLogWalkMax ended the page before it was full
    std::size_t walked = 0;         // commits looked at
};

// Fails as reading a commit does; `limit_exceeded` for a cursor beyond the limits.
Expected<LogPage> read_log(ObjectSource& objects, const LogCursor& from, std::string_view path,
                           std::size_t count_max);

}  // namespace ashlar::git::browse
