#include "native/validator/stored_answers.h"

#include "chain/state_reader.h"
#include "codec/block.h"
#include "codec/consensus_messages.h"

namespace ashlar::validator {
namespace {

// Left for what surrounds the blocks in the message.
constexpr std::size_t kEnvelopeBytes = std::size_t{64} << 10;

std::optional<consensus::Message> finalized_from(const chain::StateReader& state,
                                                 ledger::Height from) {
    const auto head = state.head();
    if (!head) return std::nullopt;
    consensus::FinalizedResponse response;
    std::vector<Bytes> since;  // the last finalization that was found
    std::size_t bytes = 0;
    std::optional<ledger::Epoch> epoch;
    bool found = false;
    for (ledger::Height at = from; at <= head->height; at = at.next()) {
        const std::size_t count = response.blocks.size() + since.size();
        if (found && count >= consensus::kFinalizedBlocksPerResponse) break;
        if (count >= codec::kFinalizedBlocksMax) break;
        auto stored = state.block(at);
        if (!stored) return std::nullopt;
        if (!epoch) epoch = stored->block.header.epoch;
        if (stored->block.header.epoch != *epoch) break;
        Bytes block = codec::encode(stored->block);
        bytes += block.size() + sizeof(std::uint64_t) * 2;
        // The first run goes whole, or not at all.
        if (bytes > codec::kConsensusMessageBytesMax - kEnvelopeBytes) break;
        since.push_back(std::move(block));
        if (!stored->finalization) continue;
        found = true;
        response.finalization = std::move(*stored->finalization);
        for (Bytes& one : since) response.blocks.push_back(std::move(one));
        since.clear();
    }
    if (!found) return std::nullopt;
    return consensus::Message(std::move(response));
}

}  // namespace

std::optional<consensus::Message> answer_from_store(
    const std::shared_ptr<const KeyValueReader>& snapshot,
    const std::variant<consensus::BlockRequest, consensus::FinalizedRequest>& request) {
    const chain::StateReader state(snapshot);
    if (const auto* by_digest = std::get_if<consensus::BlockRequest>(&request)) {
        const auto stored = state.block(by_digest->block);
        if (!stored) return std::nullopt;
        return consensus::Message(consensus::BlockResponse{codec::encode(stored->block)});
    }
    return finalized_from(state, std::get<consensus::FinalizedRequest>(request).from);
}

}  // namespace ashlar::validator
