// What an engine starts from, as the store has it.
#pragma once

#include <map>
#include <string>

#include "base/key_value.h"
#include "consensus/settings.h"
#include "forge/records.h"

namespace ashlar::validator {

// The validators that decide the blocks after the one whose state this is.
Expected<consensus::ValidatorSet> validators_in(const KeyValueReader& rows);

// How they are called; empty where the rows cannot be read.
std::map<crypto::PublicKey, std::string> names_in(const KeyValueReader& rows);

// The last final block. Fails with `corrupt` where it has no finalization of its own.
Expected<consensus::Anchor> load_anchor(const KeyValue& store);

}  // namespace ashlar::validator
