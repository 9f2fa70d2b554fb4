// "main/src/a.cpp" as people write it in an address: a branch, tag or commit, then a path. A ref's
// name may hold slashes: the longest that exists wins, a branch before a tag of the same name, and
// 40 hexadecimal digits always mean the commit, so that no ref can stand in a permalink's way.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "git/object/object_source.h"
#include "git/ref_source.h"
#include "git/walk/reachability.h"

namespace ashlar::git::browse {

// Parts of an address that are tried as a ref's name.
inline constexpr std::size_t kRefPartsMax = 32;

enum class RevisionKind : std::uint8_t { branch, tag, other_ref, commit };

struct Revision {
    RevisionKind kind = RevisionKind::branch;
    std::string name;  // as it stands in addresses: "feature/x", "v1.0", "refs/notes/a", full hex
    ObjectId commit;   // tags peeled
};

struct Location {
    Revision revision;
    std::string path;  // no slash at its ends, none doubled; empty: the root
};

// Fails with `not_found` where no ref or commit is meant, and with `invalid` where the ref names
// no commit. A commit that is named by its id is one that a ref reaches, for what a forced push or
// a deleted ref left behind is shown to nobody.
Expected<Location> resolve(const RefSource& refs, ObjectSource& objects,
                           std::string_view revision_and_path, Unreachable unreachable);

// Fails with `not_found` where some of the ids are reached by no ref.
Expected<void> check_reachable(const RefSource& refs, ObjectSource& objects,
                               const std::vector<ObjectId>& ids, Unreachable unreachable);

// What HEAD names. Fails with `not_found` where it is unborn.
Expected<Revision> resolve_head(const RefSource& refs, ObjectSource& objects);

// "refs/heads/main" to "main", "refs/tags/v1" to "v1"; others stay.
std::string_view short_ref_name(std::string_view full_name);

}  // namespace ashlar::git::browse
