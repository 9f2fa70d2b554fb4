#include "native/api/node_network.h"

#include <algorithm>

namespace ashlar::native {

namespace {

api::ValidatorHealth health_of(node::ValidatorHealth health) {
    switch (health) {
        case node::ValidatorHealth::voting:
            return api::ValidatorHealth::voting;
        case node::ValidatorHealth::silent:
            return api::ValidatorHealth::silent;
        case node::ValidatorHealth::refused:
            return api::ValidatorHealth::refused;
    }
    return api::ValidatorHealth::silent;
}

// Names and addresses are the state's, which may be a block behind or ahead of the agreement: who
// is not in it is shown by their key alone.
api::NetworkValidator validator_of(const node::ValidatorStatus& from,
                                   const forge::ValidatorSet& set,
                                   const crypto::PublicKey& leader) {
    api::NetworkValidator validator;
    validator.record.key = from.key;
    validator.record.name = from.name;
    const auto known =
        std::find_if(set.validators.begin(), set.validators.end(),
                     [&from](const forge::Validator& one) { return one.key == from.key; });
    if (known != set.validators.end()) validator.record = *known;
    validator.last_vote = from.last_vote;
    validator.health = health_of(from.health);
    validator.is_self = from.is_self;
    validator.connected = from.connected;
    validator.leads = from.key == leader;
    return validator;
}

}  // namespace

Expected<api::NetworkStatus> NodeNetwork::status() {
    const node::ConsensusStatus from = node_.consensus_status();
    ASHLAR_TRY(const forge::ValidatorSet set, node_.state()->validators());
    api::NetworkStatus status;
    status.name = node_.genesis().network_name;
    status.chain = node_.chain_id();
    status.epoch = from.epoch;
    status.view = from.view;
    status.quorum = from.quorum;
    status.final_height = from.final_height;
    status.applied_height = from.applied_height;
    status.applied_digest = from.applied_digest;
    status.applied_block_ms = from.applied_block_ms;
    if (from.last_finalization_ms != 0) status.last_finalization_ms = from.last_finalization_ms;
    status.waiting_transactions = from.waiting_transactions;
    for (const node::ValidatorStatus& one : from.validators) {
        status.validators.push_back(validator_of(one, set, from.leader));
    }
    status.ready = from.ready;
    status.why_not_ready = from.why_not_ready;
    status.now_ms = node_.clock().now_ms();
    return status;
}

Expected<std::vector<codec::EvidenceRecord>> NodeNetwork::evidence(std::size_t count_max) {
    return node_.evidence(count_max);
}

}  // namespace ashlar::native
