// Whether what a push brings is connected: each object that its new tips reach is in the pack, or
// was reachable before.
//
// Accepted packs are closed under references, so an object that was reachable before proves that
// all it reaches is there. What is there but unreachable (left by a forced push or a deleted ref)
// must not become readable because somebody names it: where the repository may hold such objects,
// being there is not enough.
#pragma once

#include <functional>
#include <vector>

#include "git/object/object_source.h"
#include "git/ref_source.h"

namespace ashlar::git {

struct ConnectivityRequest {
    std::vector<ObjectId> tips;      // what refs shall point to
    std::vector<ObjectId> boundary;  // what objects of the pack name and the pack does not hold
    std::function<bool(const ObjectId&)> is_in_pack;
    bool may_hold_unreachable = true;
};

// `objects` and `refs` are those of before the push. Fails with `invalid`, naming the object,
// where one is missing or was unreachable.
Expected<void> check_connected(ObjectSource& objects, const RefSource& refs,
                               const ConnectivityRequest& request);

}  // namespace ashlar::git
