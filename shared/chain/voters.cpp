#include "chain/voters.h"

namespace ashlar::chain {

Expected<consensus::ValidatorSet> voters_of(const forge::ValidatorSet& validators) {
    std::vector<crypto::PublicKey> keys;
    keys.reserve(validators.validators.size());
    for (const forge::Validator& validator : validators.validators) keys.push_back(validator.key);
    auto voters = consensus::ValidatorSet::make(std::move(keys));
    if (voters) return voters;
    return fail(ErrorCode::corrupt, "the validators of epoch " +
                                        std::to_string(validators.epoch.value) + ": " +
                                        voters.error().detail);
}

}  // namespace ashlar::chain
