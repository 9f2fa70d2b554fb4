// Proof that a validator broke the rules: two votes that no honest one signs both.
#pragma once

#include "consensus/signatures.h"
#include "consensus/validator_set.h"

namespace ashlar::consensus {

struct Evidence {
    Vote first;
    Vote second;
    friend bool operator==(const Evidence&, const Evidence&) = default;
};

// Two different notarizes of one view, two different finalizes, or a nullify and a finalize.
bool conflicts(const Subject& left, const Subject& right);

// Fails with `invalid` unless the votes conflict, are by one validator of the set, and verify.
Expected<void> verify(const Evidence& evidence, const ChainId& chain, const ValidatorSet& set,
                      const Verifier& verifier);

}  // namespace ashlar::consensus
