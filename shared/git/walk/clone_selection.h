// What a client gets that has nothing yet: chosen pack by pack, by bitmaps and types, without a
// walk through the trees where that can be helped.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "git/pack/pack_selection.h"
#include "git/ref_source.h"
#include "git/walk/object_filter.h"
#include "git/walk/reachability.h"

namespace ashlar::git {

struct CloneRequest {
    std::vector<ObjectId> wants;
    const ObjectFilter* filter = nullptr;  // may be absent
    bool include_tag = false;              // tags of what is sent are sent, too
    // Whether the packs may hold what no ref reaches. If not, who wants every tip gets everything.
    Unreachable unreachable = Unreachable::may_be_held;
};

// Nothing where a walk does it better: the filter asks for more than the types and sizes of blobs,
// or no commit is wanted. The wants were found to be reachable before. Fails with `corrupt` where
// one of their objects is missing.
Expected<std::optional<PackSelection>> select_for_clone(
    const std::shared_ptr<const PackCatalog>& catalog, const RefSource& refs,
    const CloneRequest& request);

}  // namespace ashlar::git
