// Validators with known keys, and votes of theirs.
#pragma once

#include <algorithm>
#include <vector>

#include "consensus/certificate.h"

namespace ashlar::consensus::testing {

struct Validators {
    explicit Validators(std::size_t count) : set(make_set(count)) {
        for (const PublicKey& key : set.keys()) {
            for (std::size_t i = 0; i < count; ++i) {
                if (key_of(i).public_key() == key) signers.emplace_back(key_of(i));
            }
        }
    }

    static crypto::SigningKey key_of(std::size_t number) {
        Bytes seed(crypto::SigningKey::kSeedSize, static_cast<Byte>(number + 1));
        return *crypto::SigningKey::from_seed(seed);
    }
    static ValidatorSet make_set(std::size_t count) {
        std::vector<PublicKey> keys;
        for (std::size_t i = 0; i < count; ++i) keys.push_back(key_of(i).public_key());
        return *ValidatorSet::make(keys);
    }

    Vote vote(SignerIndex signer, const Subject& subject) const {
        return {subject, signer, signers[signer].sign(signed_bytes(chain, subject))};
    }
    Certificate certificate(const Subject& subject, std::vector<SignerIndex> by) const {
        std::vector<Vote> votes;
        for (SignerIndex signer : by) votes.push_back(vote(signer, subject));
        return make_certificate(subject, votes, set);
    }

    ChainId chain{crypto::hash("test", as_bytes("chain"))};
    ValidatorSet set;
    std::vector<Ed25519Signer> signers;  // in the order of the set
    Ed25519Verifier verifier;
};

inline BlockDigest block_named(std::string_view name) {
    return {crypto::hash("test", as_bytes(name))};
}

inline Proposal proposal_of(std::uint64_t view, std::string_view block, std::uint64_t parent = 0) {
    return {{Epoch(0), View(view)}, View(parent), block_named(block)};
}

}  // namespace ashlar::consensus::testing
