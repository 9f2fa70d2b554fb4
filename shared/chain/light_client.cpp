#include "chain/light_client.h"

#include "chain/genesis.h"
#include "codec/block.h"

namespace ashlar::chain {

Expected<LightClient> LightClient::from_genesis(const forge::Genesis& genesis) {
    ASHLAR_TRY(const GenesisState begin, make_genesis_state(genesis));
    TrustedState state;
    state.chain = begin.header.chain;
    state.digest = begin.digest;
    state.time_ms = begin.header.time_ms;
    for (const forge::Validator& validator : genesis.validators) {
        state.validators.push_back(validator.key);
    }
    return from_state(std::move(state));
}

Expected<LightClient> LightClient::from_state(TrustedState state) {
    ASHLAR_TRY(auto validators, consensus::ValidatorSet::make(state.validators));
    state.validators = validators.keys();
    return LightClient(std::move(state), std::move(validators));
}

Expected<void> LightClient::advance(const FinalizedHeader& finalized,
                                    const consensus::Verifier& verifier) {
    const ledger::BlockDigest digest = codec::digest_of(finalized.header);
    if (epoch_has_ended() && digest == state_.digest) return {};
    if (epoch_has_ended()) {
        return fail(ErrorCode::conflict, "the epoch has ended; its next validators come first");
    }
    ASHLAR_CHECK(verify_header(trust(), finalized, verifier));
    const ledger::BlockHeader& header = finalized.header;
    if (header.height < state_.height) {
        return fail(ErrorCode::conflict,
                    "height " + std::to_string(header.height.value) + " is older than " +
                        std::to_string(state_.height.value) + ", which was seen before");
    }
    if (header.height == state_.height && digest != state_.digest) {
        return fail(ErrorCode::invalid, "two blocks are final at height " +
                                            std::to_string(header.height.value) + ": " +
                                            digest.hex() + " and " + state_.digest.hex());
    }
    if (header.height > state_.height && header.time_ms <= state_.time_ms) {
        return fail(ErrorCode::invalid, "a later block has an earlier time");
    }
    state_.height = header.height;
    state_.digest = digest;
    state_.time_ms = header.time_ms;
    state_.next_validators = header.next_validators;
    return {};
}

Expected<void> LightClient::next_epoch(const std::vector<crypto::PublicKey>& validators) {
    if (!epoch_has_ended()) return fail(ErrorCode::invalid, "the epoch has not ended");
    ASHLAR_TRY(auto next, consensus::ValidatorSet::make(validators));
    if (next.digest() != *state_.next_validators) {
        return fail(ErrorCode::invalid,
                    "these are not the validators that the epoch's last block "
                    "names");
    }
    validators_ = std::move(next);
    state_.validators = validators_.keys();
    state_.epoch = state_.epoch.next();
    state_.next_validators.reset();
    return {};
}

Expected<void> LightClient::follow(const EpochChange& change, const consensus::Verifier& verifier) {
    LightClient next = *this;
    if (!next.epoch_has_ended()) ASHLAR_CHECK(next.advance(change.last, verifier));
    ASHLAR_CHECK(next.next_epoch(change.next_validators));
    *this = std::move(next);
    return {};
}

std::uint64_t LightClient::age_ms(std::uint64_t now_ms) const {
    return now_ms > state_.time_ms ? now_ms - state_.time_ms : 0;
}

}  // namespace ashlar::chain
