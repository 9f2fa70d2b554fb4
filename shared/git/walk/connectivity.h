// Whether what a push brings is connected: each object that its new tips reach is in the pack, or
// was reachable before.
//
// Accepted packs are closed under references, so an object that was reachable before proves that
// all it reaches is there. What is there but unreachable (left by a forced push or a deleted ref)
// must not become readable because somebody names it: where the repository may hold such objects,
// being there is not enough.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "git/object/object_source.h"
#include "git/object/reference.h"
#include "git/pack/pack_catalog.h"
#include "git/ref_source.h"
#include "git/walk/reachability.h"

namespace ashlar::git {

struct ConnectivityRequest {
    std::vector<ObjectId> tips;  // what refs shall point to
    // What objects of the pack name and the pack does not hold (ReceivedPack::boundary).
    std::vector<ObjectReference> boundary;
    std::function<bool(const ObjectId&)> is_in_pack;
    Unreachable unreachable = Unreachable::may_be_held;
    // The packs that the objects come from, if a search may use their graphs.
    std::shared_ptr<const PackCatalog> stored_packs;
};

// `objects` and `refs` are those of before the push. Fails with `invalid`, naming the object,
// where one is missing or was unreachable.
Expected<void> check_connected(ObjectSource& objects, const RefSource& refs,
                               const ConnectivityRequest& request);

}  // namespace ashlar::git
