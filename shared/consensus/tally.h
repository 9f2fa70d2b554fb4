// The votes of one kind in one view, at most one a validator. They are kept unchecked until a
// quorum is there, and then checked together: a flood of bad votes costs its sender's place and
// nothing more.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "consensus/certificate.h"

namespace ashlar::consensus {

enum class Checked { no, yes };
enum class Added { fresh, repeated, conflicting };

class Tally {
  public:
    // The vote's signer is below `size`. Only a fresh vote is kept.
    Added add(const Vote& vote, Checked checked, std::size_t size);
    // The vote that is kept of the validator, if any.
    const Vote* vote_of(SignerIndex signer) const;
    bool is_checked(SignerIndex signer) const;
    // Whether exactly this vote is kept, and its signature is known to be good.
    bool has_checked(const Vote& vote) const;
    void mark_checked(SignerIndex signer);
    bool empty() const { return counts_.empty(); }

    struct Certified {
        std::optional<Certificate> certificate;
        std::vector<SignerIndex> culprits;  // whose vote did not verify; their votes are gone
    };
    // A certificate, where a quorum of verified votes is on one subject.
    Certified certify(const ChainId& chain, const ValidatorSet& set, const Verifier& verifier);

  private:
    struct Slot {
        std::optional<Vote> vote;
        Checked checked = Checked::no;
    };
    std::optional<Subject> subject_with(std::size_t votes) const;
    std::vector<SignerIndex> check(const Subject& subject, const ChainId& chain,
                                   const ValidatorSet& set, const Verifier& verifier);
    void remove(SignerIndex signer);

    std::vector<Slot> slots_;
    std::vector<std::pair<Subject, std::size_t>> counts_;
};

}  // namespace ashlar::consensus
