#include "native/validator/pack_claims.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "codec/block.h"
#include "codec/transaction.h"

namespace ashlar::validator {
namespace {

bool needs_something(const forge::UpdateRefs& action) {
    if (action.updates.empty()) return false;
    return action.pack ||
           std::any_of(action.updates.begin(), action.updates.end(),
                       [](const forge::RefUpdate& update) { return update.new_id.has_value(); });
}

}  // namespace

std::optional<PackClaim> claim_of(const ledger::TransactionId& id,
                                  const forge::Transaction& transaction) {
    const auto* action = std::get_if<forge::UpdateRefs>(&transaction.action);
    if (action == nullptr || !needs_something(*action)) return std::nullopt;
    return PackClaim{id, *action, true};
}

std::vector<forge::PackReference> packs_named_in(ByteView block) {
    std::vector<forge::PackReference> packs;
    const auto decoded = codec::decode_block(block);
    if (!decoded) return packs;
    for (const Bytes& encoded : decoded->transactions) {
        const auto transaction = codec::decode_transaction(encoded);
        if (!transaction) continue;
        const auto* action =
            std::get_if<forge::UpdateRefs>(&transaction->signed_transaction.transaction.action);
        if (action != nullptr && action->pack) packs.push_back(*action->pack);
    }
    return packs;
}

std::vector<PackClaim> claims_of(const chain::ExecutedBlock& executed) {
    std::vector<PackClaim> claims;
    for (std::size_t i = 0; i < executed.results.size(); ++i) {
        const forge::TransactionResult& result = executed.results[i];
        // Only an update of refs has results of refs.
        if (result.refusal || result.refs.empty()) continue;
        auto decoded = codec::decode_transaction(executed.block.transactions[i]);
        ASHLAR_ASSERT(decoded.has_value());
        auto* action =
            std::get_if<forge::UpdateRefs>(&decoded->signed_transaction.transaction.action);
        if (action == nullptr) continue;
        std::vector<forge::RefUpdate> done;
        for (std::size_t at = 0; at < action->updates.size(); ++at) {
            if (!result.refs[at].refusal) done.push_back(std::move(action->updates[at]));
        }
        const bool has_all_refs = done.size() == result.refs.size();
        action->updates = std::move(done);
        if (!needs_something(*action)) continue;
        claims.push_back({executed.transaction_ids[i], std::move(*action), has_all_refs});
    }
    return claims;
}

}  // namespace ashlar::validator
