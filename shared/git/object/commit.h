// A commit, parsed: views into its content, which must outlive them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "git/object/object_id.h"

namespace ashlar::git {

// "Name <email> seconds zone", as it stands in author, committer and tagger lines. Real history
// holds every kind of damage here, so what cannot be read is left empty or zero.
struct IdentityView {
    std::string_view name;
    std::string_view email;
    std::int64_t seconds = 0;  // since 1970-01-01 UTC
    int zone_minutes = 0;      // east of UTC
    std::string_view zone;     // as written: "+0200"
};

IdentityView parse_identity(std::string_view line);

struct CommitView {
    ObjectId tree;
    std::vector<ObjectId> parents;
    IdentityView author;
    IdentityView committer;
    std::string_view encoding;   // empty: UTF-8
    std::string_view signature;  // the gpgsig header as it stands, continuation lines included
    std::string_view message;

    // The first paragraph's first line.
    std::string_view subject() const;
};

// Fails with `invalid` where tree, parents or the form of a header cannot be read. Whether the
// commit keeps all rules is for fsck.h.
Expected<CommitView> parse_commit(ByteView content);

// Only what a walk needs, without looking at more of the content than that.
struct CommitLinks {
    ObjectId tree;
    std::vector<ObjectId> parents;
    std::int64_t committed_seconds = 0;
};
Expected<CommitLinks> parse_commit_links(ByteView content);

}  // namespace ashlar::git
