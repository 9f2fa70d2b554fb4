// A certificate: a quorum of one epoch's validators signed the same subject. A notarization lets
// the next view begin, a nullification skips one, a finalization makes a block and all its
// ancestors final. It is also what a light client checks.
#pragma once

#include <span>
#include <vector>

#include "consensus/signatures.h"
#include "consensus/validator_set.h"

namespace ashlar::consensus {

struct Certificate {
    Subject subject;
    // One bit a validator in the order of the set, lowest bit of the first byte first; exactly as
    // many bytes as the set needs, and no bit beyond it.
    Bytes signers;
    // One for each bit that is set, in the same order.
    std::vector<Signature> signatures;

    View view() const { return subject.view(); }
    VoteKind kind() const { return subject.kind; }
    friend bool operator==(const Certificate&, const Certificate&) = default;
};

// The certificate of these votes, which are all on the subject, by different signers of the set.
Certificate make_certificate(const Subject& subject, std::span<const Vote> votes,
                             const ValidatorSet& set);

// The validators that signed; `invalid` where the bitmap or the number of signatures is not what
// the set needs, or they are fewer than its quorum.
Expected<std::vector<SignerIndex>> signers_of(const Certificate& certificate,
                                              const ValidatorSet& set);

// Fails with `invalid` unless it is well formed, has a quorum, and every signature verifies.
Expected<void> verify(const Certificate& certificate, const ChainId& chain, const ValidatorSet& set,
                      const Verifier& verifier);

}  // namespace ashlar::consensus
