// What changed between two lists of refs of a repository.
#pragma once

#include "codec/sync.h"
#include "native/node/repository_view.h"

namespace ashlar::native {

// Fills in what leads from the refs in an earlier state to those of the view. Nothing where the
// refs are the same, where there are too many to look through, or where too many changed: then the
// list is fetched.
void add_ref_changes(const std::shared_ptr<const chain::StateReader>& earlier,
                     const forge::Repository& before, const node::RepositoryView& view,
                     codec::RepositoryNews& news);

}  // namespace ashlar::native
