#include "consensus/evidence.h"

namespace ashlar::consensus {

bool conflicts(const Subject& left, const Subject& right) {
    if (left.round() != right.round()) return false;
    if (left.kind == right.kind) {
        return left.kind != VoteKind::nullify && !(left.proposal == right.proposal);
    }
    return left.kind != VoteKind::notarize && right.kind != VoteKind::notarize;
}

Expected<void> verify(const Evidence& evidence, const ChainId& chain, const ValidatorSet& set,
                      const Verifier& verifier) {
    const Vote& first = evidence.first;
    const Vote& second = evidence.second;
    if (!first.subject.well_formed() || !second.subject.well_formed()) {
        return fail(ErrorCode::invalid, "evidence holds a malformed vote");
    }
    if (first.signer != second.signer || first.signer >= set.size()) {
        return fail(ErrorCode::invalid, "evidence is not about one validator of the set");
    }
    if (!conflicts(first.subject, second.subject)) {
        return fail(ErrorCode::invalid, "evidence holds votes that do not conflict");
    }
    for (const Vote* vote : {&first, &second}) {
        SignedBy by{set.key(vote->signer), vote->signature};
        if (!verifier.verify_all(signed_bytes(chain, vote->subject), {&by, 1})) {
            return fail(ErrorCode::invalid, "evidence holds a signature that does not verify");
        }
    }
    return {};
}

}  // namespace ashlar::consensus
