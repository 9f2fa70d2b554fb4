// What a validator that is behind asks for, answered from the stored chain.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "base/key_value.h"
#include "consensus/message.h"

namespace ashlar::validator {

// Nothing where the store does not have it. Final blocks end at one with a finalization of its own,
// within one message (codec::kConsensusMessageBytesMax) and, where a finalization comes that soon,
// within kFinalizedBlocksPerResponse.
std::optional<consensus::Message> answer_from_store(
    const std::shared_ptr<const KeyValueReader>& snapshot,
    const std::variant<consensus::BlockRequest, consensus::FinalizedRequest>& request);

}  // namespace ashlar::validator
