// What the orderer shows of itself.
#include <algorithm>

#include "native/validator/consensus_orderer.h"

namespace ashlar::validator {

// Of a validator that was heard within the last turns of all leaders.
constexpr std::uint64_t kVotingTurns = consensus::kSilentTurns;

void ConsensusOrderer::publish() {
    const consensus::Status seen = engine_.status();
    node::ConsensusStatus shown;
    shown.epoch = seen.round.epoch;
    shown.view = seen.round.view;
    shown.leader = seen.leader;
    shown.quorum = validators_.quorum();
    shown.final_height = seen.height;
    shown.waiting_transactions = pool_.size();
    const std::uint64_t views = kVotingTurns * seen.validators.size();
    std::size_t in_touch = 0;
    for (const consensus::Status::Validator& validator : seen.validators) {
        node::ValidatorStatus one;
        one.key = validator.key;
        if (const auto name = names_.find(validator.key); name != names_.end()) {
            one.name = name->second;
        }
        one.last_vote = validator.last_vote;
        one.is_self = validator.key == signer_.public_key();
        one.connected = one.is_self || std::find(connected_.begin(), connected_.end(),
                                                 validator.key) != connected_.end();
        if (one.connected) ++in_touch;
        const bool heard = validator.last_vote.value > 0 &&
                           validator.last_vote.value + views >= seen.round.view.value;
        if (validator.refused) {
            one.health = node::ValidatorHealth::refused;
        } else if (heard && one.connected) {
            one.health = node::ValidatorHealth::voting;
        }
        shown.validators.push_back(std::move(one));
    }
    const std::lock_guard lock(mutex_);
    catching_up_ = seen.catching_up;
    if (in_touch < shown.quorum) {
        quorum_since_.reset();
    } else if (!quorum_since_) {
        quorum_since_ = std::chrono::steady_clock::now();
    }
    shown.why_not_ready = "in touch with " + std::to_string(in_touch) + " of " +
                          std::to_string(shown.validators.size()) + " validators, and it takes " +
                          std::to_string(shown.quorum);
    status_ = std::move(shown);
}

node::ConsensusStatus ConsensusOrderer::status() const {
    const std::lock_guard lock(mutex_);
    node::ConsensusStatus shown = status_;
    shown.applied_height = tip_.header.height;
    shown.applied_digest = tip_.digest;
    shown.applied_block_ms = tip_.header.time_ms;
    shown.last_finalization_ms = last_finalization_ms_;
    shown.final_height = std::max(shown.final_height, shown.applied_height);
    const auto now = std::chrono::steady_clock::now();
    if (refusing_) {
        shown.why_not_ready = refusing_->detail;
    } else if (quorum_since_ && now < *quorum_since_ + kSettleTime) {
        shown.why_not_ready = "in touch with a quorum since a moment ago";
    } else if (quorum_since_ && (catching_up_ || shown.applied_height.value + kReadyLagMax <
                                                     shown.final_height.value)) {
        shown.why_not_ready = "catching up, at height " +
                              std::to_string(shown.applied_height.value) + " of at least " +
                              std::to_string(shown.final_height.value);
    } else if (quorum_since_) {
        shown.why_not_ready.clear();
        shown.ready = true;
    }
    return shown;
}

}  // namespace ashlar::validator
