// The validators of one epoch: sorted keys, of which at most f may be faulty.
#pragma once

#include <optional>
#include <vector>

#include "consensus/vote.h"

namespace ashlar::consensus {

constexpr std::size_t kValidatorsMax = 256;

class ValidatorSet {
  public:
    // Sorts the keys. Fails with `invalid` where a key comes twice or there is none, with
    // `limit_exceeded` above kValidatorsMax.
    static Expected<ValidatorSet> make(std::vector<PublicKey> keys);

    std::size_t size() const { return keys_.size(); }
    // f: how many may lie or be away without harm, the largest with 3f < n.
    std::size_t faulty_max() const { return (keys_.size() - 1) / 3; }
    // q = n - f: any two quorums share an honest validator.
    std::size_t quorum() const { return keys_.size() - faulty_max(); }
    const std::vector<PublicKey>& keys() const { return keys_; }
    const PublicKey& key(SignerIndex index) const;
    std::optional<SignerIndex> index_of(const PublicKey& key) const;
    // Round robin by view.
    SignerIndex leader(View view) const;
    // Names the set in a header.
    const Digest& digest() const { return digest_; }

    friend bool operator==(const ValidatorSet& left, const ValidatorSet& right) {
        return left.keys_ == right.keys_;
    }

  private:
    explicit ValidatorSet(std::vector<PublicKey> keys);
    std::vector<PublicKey> keys_;
    Digest digest_;
};

}  // namespace ashlar::consensus
