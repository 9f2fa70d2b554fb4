// Evidence that validators broke the rules, kept for whoever runs the network: rows of this node's
// own, "nevidence" epoch view signer (8, 8 and 2 bytes, big-endian) -> schema/consensus.capnp,
// EvidenceRecord. One a validator and view is enough, and so is a bounded number: a liar can make
// more without end, and the oldest go first.
#pragma once

#include <vector>

#include "base/key_value.h"
#include "codec/consensus_messages.h"

namespace ashlar::node {

inline constexpr std::size_t kEvidenceRowsMax = 1024;

// What to commit to keep it; empty where there is one of that validator and view already.
Expected<WriteBatch> keep_evidence(const KeyValueReader& rows, const codec::EvidenceRecord& record);

// The newest first, by epoch and view.
Expected<std::vector<codec::EvidenceRecord>> kept_evidence(const KeyValueReader& rows,
                                                           std::size_t count_max);

}  // namespace ashlar::node
