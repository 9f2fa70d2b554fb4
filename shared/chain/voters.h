// The validators of the state, as consensus counts them.
#pragma once

#include "consensus/validator_set.h"
#include "forge/records.h"

namespace ashlar::chain {

// Their keys. Fails with `corrupt`, for what the state holds was checked before.
Expected<consensus::ValidatorSet> voters_of(const forge::ValidatorSet& validators);

}  // namespace ashlar::chain
