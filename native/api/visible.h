// Who may be shown that there is no repository of a name.
#pragma once

#include "chain/state_reader.h"
#include "forge/access.h"

namespace ashlar::native {

// Whether the viewer may read the repository, or be shown its absence. That only site
// administrators may, who see everything: the proof of an absence names another entry of the state
// by the hash of its path, and whoever could have one for names of their choice (their own, or
// those of nobody) would learn which private repositories there are. Fails as forge::require.
Expected<void> check_visible(const chain::StateReader& state, const forge::Viewer& viewer,
                             std::string_view owner, std::string_view name);

}  // namespace ashlar::native
