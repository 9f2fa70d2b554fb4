// Where a shallow history ends (gitprotocol-pack, "shallow-update"; git-fetch, "--depth",
// "--shallow-since", "--shallow-exclude").
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "git/walk/commit_graph.h"

namespace ashlar::git {

// What `git fetch --unshallow` sends as depth.
inline constexpr std::uint32_t kDepthInfinite = 0x7fffffff;

struct ShallowRequest {
    std::vector<ObjectId> wants = {};
    std::vector<ObjectId> client_shallows = {};      // commits whose parents the client lacks
    std::uint32_t depth = 0;                         // 0: no limit by depth
    bool depth_is_relative = false;                  // counted from the client's shallow commits
    std::optional<std::int64_t> since_seconds = {};  // only commits at or after it
    std::vector<ObjectId> excluded = {};             // only commits that these do not reach

    bool deepens() const { return depth > 0 || since_seconds.has_value() || !excluded.empty(); }
};

struct ShallowChange {
    std::vector<ObjectId> shallows;    // commits whose parents will not be sent
    std::vector<ObjectId> unshallows;  // of the client's, those whose parents will be sent
    std::vector<ObjectId> cuts;        // where the walk for objects has to stop
    std::vector<ObjectId> wants;       // the parents of the unshallowed: wanted as well
};

// Reads the graph without cuts. Fails with `invalid` where nothing is left ("no commits selected
// for shallow requests").
Expected<ShallowChange> shallow_change(CommitGraph& graph, const ShallowRequest& request);

}  // namespace ashlar::git
