// Which objects a client lacks: what the wants reach and the haves do not, as `git rev-list
// --objects wants --not haves` lists it.
//
// 1. Every object that the wants reach is listed, or is reached by a have, or is left out by the
//    filter. Shallow cuts (of the graph) hold for wants and haves alike.
// 2. A commit that a have reaches is not listed, unless dates run backwards for longer than
//    kSkewedCommits: then a few commits may be sent again.
// 3. Trees and blobs are held against the trees of parents at the same paths. What came back from
//    further behind may be listed although the client has it (git does so, too).
// 4. The order is the same everywhere: commits newest first, then tags, then what the trees of
//    the newest commit hold, a tree before its content, and so on back in time.
#pragma once

#include <functional>
#include <vector>

#include "git/object/object_source.h"
#include "git/walk/commit_graph.h"
#include "git/walk/object_filter.h"

namespace ashlar::git {

inline constexpr std::size_t kTreeDepthMax = 4096;

// Bytes of the trees on the way from a root to where a walk stands.
inline constexpr std::size_t kOpenTreeBytesMax = std::size_t{512} << 20;
inline constexpr std::size_t kListedObjectsMax = 100'000'000;
inline constexpr int kSkewedCommits = 5;

struct ObjectWalkRequest {
    std::vector<ObjectId> wants;
    std::vector<ObjectId> haves;  // what is not there is passed over
    // Commits that the client has, as haves are, and whose trees are compared with everything
    // that is listed, not only with their children's: where a shallow history is deepened.
    std::vector<ObjectId> edges;
    ObjectFilter filter;
    // Told now and then how many objects were listed; may be empty.
    std::function<void(std::uint64_t)> progress = {};
};

// What is known of an object that a walk met.
enum class WalkState : std::uint8_t {
    unseen,
    listed,
    held,    // the client has it, and what a tree of these holds is known as well
    opaque,  // a tree that the client has, not looked into
};

struct ListedObjects {
    std::vector<ObjectId> ids;
    ObjectIdMap<WalkState> states;

    bool lists(const ObjectId& id) const;
    // Whether the walk met it as something that the client has: a base for deltas of a thin pack.
    bool client_holds(const ObjectId& id) const;
    // Adds an object at the end, unless the walk has met it.
    void add(const ObjectId& id);
};

// The graph carries the shallow cuts. Fails with `corrupt` where the wants reach an object that
// is not there, with `needs_data`, and with `limit_exceeded`.
Expected<ListedObjects> list_objects(CommitGraph& graph, const ObjectWalkRequest& request);

}  // namespace ashlar::git
