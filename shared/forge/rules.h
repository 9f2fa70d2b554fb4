// The rules of the forge: what a transaction does to the state, or why it is refused. They are
// deterministic: time is the block's, ids are counters in the state; every validator that runs them
// on the same state gets the same answer.
#pragma once

#include <vector>

#include "forge/state.h"
#include "forge/transaction.h"

namespace ashlar::forge {

struct Outcome {
    TransactionResult result;
    std::vector<Change> changes;  // empty where it was refused
};

// Runs one transaction. Whether its signature holds, and whether it was seen before, is checked by
// whoever runs the block; that its author exists, that its token is the author's, valid and wide
// enough, and that the author may do it, is checked here. Fails only where the state cannot be
// read.
Expected<Outcome> apply(const State& state, std::uint64_t time_ms, const Transaction& transaction);

// Whether an error is a judgement on the transaction (and so the same on every validator) rather
// than a failure to read the state.
bool is_refusal(ErrorCode code);

}  // namespace ashlar::forge
