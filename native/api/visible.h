// Who may be shown that there is no repository of a name.
#pragma once

#include "chain/state_reader.h"
#include "forge/access.h"

namespace ashlar::native {

// Whether the viewer may read the repository, or be shown its absence: that only whoever would see
// a private one of that name, else an absence would give the others away. Fails as forge::require.
Expected<void> check_visible(const chain::StateReader& state, const forge::Viewer& viewer,
                             std::string_view owner, std::string_view name);

}  // namespace ashlar::native
