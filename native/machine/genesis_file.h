// genesis.json, read; shared/chain/genesis_json.h writes it.
#pragma once

#include <string_view>

#include "forge/genesis.h"

namespace ashlar::machine {

// Fails with `invalid`; the detail names the member. Unknown members are refused.
Expected<forge::Genesis> genesis_from_json(std::string_view text);

}  // namespace ashlar::machine
