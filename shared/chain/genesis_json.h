// A genesis as people read and keep it: genesis.json (docs/formats.md). What the text says is what
// counts, not how it is written.
#pragma once

#include <string>

#include "chain/genesis.h"

namespace ashlar::chain {

std::string to_json(const Genesis& genesis);

}  // namespace ashlar::chain
