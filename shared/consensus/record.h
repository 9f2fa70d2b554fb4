// What the engine's journal holds. Records are kept in the order in which they were persisted; a
// crash may lose a tail that was not synced, never a record before one that survives.
//
// A record may be dropped once a final block of a later round is durable and applied: after a
// restart the engine starts from that block.
#pragma once

#include <variant>

#include "consensus/certificate.h"

namespace ashlar::consensus {

// A block that this validator voted for, and the round that it did so in.
struct BlockRecord {
    Round round;
    Bytes block;
    friend bool operator==(const BlockRecord&, const BlockRecord&) = default;
};

// A Vote is this validator's own.
using Record = std::variant<BlockRecord, Vote, Certificate>;

Round round_of(const Record& record);

}  // namespace ashlar::consensus
