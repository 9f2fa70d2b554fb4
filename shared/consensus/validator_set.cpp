#include "consensus/validator_set.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::consensus {

Expected<ValidatorSet> ValidatorSet::make(std::vector<PublicKey> keys) {
    if (keys.empty()) return fail(ErrorCode::invalid, "a set of validators needs at least one");
    if (keys.size() > kValidatorsMax) {
        return fail(ErrorCode::limit_exceeded, "at most " + std::to_string(kValidatorsMax) +
                                                   " validators, not " +
                                                   std::to_string(keys.size()));
    }
    std::sort(keys.begin(), keys.end());
    auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) {
        return fail(ErrorCode::invalid, "validator " + twice->hex() + " is listed twice");
    }
    return ValidatorSet(std::move(keys));
}

ValidatorSet::ValidatorSet(std::vector<PublicKey> keys) : keys_(std::move(keys)) {
    crypto::Hasher hasher("ashlar.validators.1");
    for (const PublicKey& key : keys_) hasher.update(key.view());
    digest_ = hasher.finish();
}

const PublicKey& ValidatorSet::key(SignerIndex index) const {
    ASHLAR_ASSERT(index < keys_.size());
    return keys_[index];
}

std::optional<SignerIndex> ValidatorSet::index_of(const PublicKey& key) const {
    auto found = std::lower_bound(keys_.begin(), keys_.end(), key);
    if (found == keys_.end() || !(*found == key)) return std::nullopt;
    return static_cast<SignerIndex>(found - keys_.begin());
}

SignerIndex ValidatorSet::leader(View view) const {
    return static_cast<SignerIndex>(view.value % keys_.size());
}

}  // namespace ashlar::consensus
