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

// What one page may cost; the next page goes on from where this one gave up.
struct LogLimits {
    std::size_t count_max = 50;         // commits on the page
    std::size_t commits_max = 5'000;    // commits looked at, beside those that are skipped
    std::size_t objects_max = 100'000;  // commits and trees read, beside those that are skipped
};

struct LogPage {
    std::vector<Commit> commits;
    std::optional<LogCursor> next;  // nothing where history ends here
    bool gave_up = false;           // a limit ended the page before it was full
    std::size_t walked = 0;         // commits looked at
};

// Fails as reading a commit does; `limit_exceeded` for a cursor beyond the limits.
Expected<LogPage> read_log(ObjectSource& objects, const LogCursor& from, std::string_view path,
                           const LogLimits& limits);

}  // namespace ashlar::git::browse
