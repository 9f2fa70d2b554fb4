// Whether one thing reaches another.
#pragma once

#include <vector>

#include "git/object/object_source.h"
#include "git/walk/commit_graph.h"

namespace ashlar::git {

// Whether packs may hold objects that no ref reaches any more (after a forced push or a deleted
// ref). Then nothing is sent, or built upon, just because it is there.
enum class Unreachable : std::uint8_t { none, may_be_held };

// How many objects a search for one id may look at.
inline constexpr std::size_t kReachabilityObjectsMax = 100'000'000;

// The ids that the tips do not reach, in the order in which they were given. Commits are looked
// for first, among commits only; trees and blobs cost a walk through all trees in the worst case.
// Fails with `limit_exceeded` when `objects_max` objects were looked at.
Expected<std::vector<ObjectId>> unreachable_from(ObjectSource& objects,
                                                 const std::vector<ObjectId>& ids,
                                                 const std::vector<ObjectId>& tips,
                                                 std::size_t objects_max = kReachabilityObjectsMax);

// Whether each of the commits reaches one of the targets (or is one).
Expected<bool> all_reach_some(CommitGraph& graph, const std::vector<CommitIndex>& commits,
                              const std::vector<CommitIndex>& targets);

}  // namespace ashlar::git
