// Which objects a client lacks: what the wants reach and the haves do not, as `git rev-list
// --objects wants --not haves` lists it.
//
// 1. Every object that the wants reach is listed, or is reached by a have, or is left out by the
//    filter. Shallow cuts hold for wants and haves alike.
// 2. A commit that a have reaches is never listed, whatever its date says.
// 3. Trees and blobs are held against the trees of the commits at the edge, at the same paths: what
//    came back from further behind may be listed although the client has it (git does so, too).
// 4. The order is the same everywhere: commits newest first, then tags, then trees before what
//    they hold.
#pragma once

#include <vector>

#include "git/object/object_source.h"
#include "git/walk/commit_graph.h"
#include "git/walk/object_filter.h"

namespace ashlar::git {

inline constexpr std::size_t kTreeDepthMax = 4096;

struct ObjectWalkRequest {
    std::vector<ObjectId> wants;
    std::vector<ObjectId> haves;  // what is not there is passed over
    std::vector<ObjectId> edges;  // commits that the client has, though maybe not what they reach
    ObjectFilter filter;
    std::size_t objects_max = 100'000'000;
};

struct ListedObject {
    ObjectId id;
    ObjectType type = ObjectType::blob;
    std::uint32_t name_hash = 0;  // alike for alike file names: what may make good deltas
};

// The graph carries the shallow cuts. Fails with `not_found` where the wants reach an object that
// is not there, with `needs_data`, and with `limit_exceeded`.
Expected<std::vector<ListedObject>> list_objects(CommitGraph& graph,
                                                 const ObjectWalkRequest& request);

}  // namespace ashlar::git
