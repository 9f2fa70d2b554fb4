#include "consensus/record.h"

namespace ashlar::consensus {

Round round_of(const Record& record) {
    if (const auto* block = std::get_if<BlockRecord>(&record)) return block->round;
    if (const auto* vote = std::get_if<Vote>(&record)) return vote->subject.round();
    return std::get<Certificate>(record).subject.round();
}

}  // namespace ashlar::consensus
