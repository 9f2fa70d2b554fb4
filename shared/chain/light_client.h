// A light client: follows the final headers of one network from its genesis, through every change
// of the validators, and keeps nothing but whom it trusts and how far it has seen.
//
// Rules:
// - A header counts only with a certificate by the validators of its epoch. The next epoch's are
//   those that the last header of this one names: so trust moves only by the word of those who are
//   trusted already.
// - It never goes back: a header below the highest that it has seen is not shown as the newest, so
//   nobody can turn it back to an old state (`conflict`).
// - Two different final blocks of one height are a broken network: it stops there, and says so.
// - Whether the newest header is fresh is a question of age, which the caller asks with its clock.
#pragma once

#include <vector>

#include "chain/proof.h"
#include "forge/genesis.h"

namespace ashlar::chain {

using codec::EpochChange;
using codec::TrustedState;

class LightClient {
  public:
    // Trusts the genesis and nothing else. Fails with `invalid` where the genesis makes no sense.
    static Expected<LightClient> from_genesis(const forge::Genesis& genesis);
    // Goes on from what was kept. Fails with `invalid` where its validators make no set.
    static Expected<LightClient> from_state(TrustedState state);

    const TrustedState& state() const { return state_; }
    Trust trust() const { return {state_.chain, state_.epoch, validators_}; }

    // Takes a final header of the current epoch as the newest. Fails with `invalid` where it is not
    // certified, or is another block at the height of one seen before; with `conflict` where it is
    // older than that. Where it is the last of its epoch, next_epoch() has to follow.
    Expected<void> advance(const FinalizedHeader& finalized, const consensus::Verifier& verifier);

    // Whether the newest header ended its epoch: then only next_epoch() leads on.
    bool epoch_has_ended() const { return state_.next_validators.has_value(); }
    // Trusts the next epoch's validators. Fails with `invalid` where the epoch has not ended, or
    // the keys are not those that its last header names.
    Expected<void> next_epoch(const std::vector<crypto::PublicKey>& validators);
    // Both at once: the last header of the current epoch, and whom it names. Fails as they do, and
    // trusts what it trusted before then.
    Expected<void> follow(const EpochChange& change, const consensus::Verifier& verifier);

    // How old the newest header is; 0 where the clock is behind it.
    std::uint64_t age_ms(std::uint64_t now_ms) const;

  private:
    LightClient(TrustedState state, consensus::ValidatorSet validators)
        : state_(std::move(state)), validators_(std::move(validators)) {}

    TrustedState state_;
    consensus::ValidatorSet validators_;
};

}  // namespace ashlar::chain
