#include "simulation/knowledge.h"

namespace ashlar::simulation {

using namespace consensus;

void Knowledge::heard(const Message& message, const PublicKey& from, const PublicKey& leader,
                      const ChainId& chain, const ValidatorSet& set, const Verifier& verifier) {
    if (refused_.count(from) != 0) return;
    if (const auto* vote = std::get_if<Vote>(&message)) {
        const bool proposes = vote->subject.kind == VoteKind::notarize && from == leader &&
                              vote->subject.well_formed() && vote->signer < set.size() &&
                              set.key(vote->signer) == leader;
        if (!proposes) return;
        const SignedBy by{leader, vote->signature};
        if (verifier.verify_all(signed_bytes(chain, vote->subject), {&by, 1})) {
            note(vote->subject.proposal);
        }
        return;
    }
    // A notarization has a proposal behind it that the leader signed.
    const auto* certificate = std::get_if<Certificate>(&message);
    if (certificate == nullptr || certificate->kind() != VoteKind::notarize) return;
    const auto known = proposals_.find(certificate->subject.round());
    if (known == proposals_.end() || known->second == certificate->subject.proposal) return;
    if (verify(*certificate, chain, set, verifier)) note(certificate->subject.proposal);
}

void Knowledge::note(const Proposal& proposal) {
    const auto [known, fresh] = proposals_.try_emplace(proposal.round, proposal);
    if (!fresh && !(known->second == proposal)) contradicted_.insert(proposal.round);
}

void Knowledge::forget_before(const Round& round) {
    proposals_.erase(proposals_.begin(), proposals_.lower_bound(round));
    contradicted_.erase(contradicted_.begin(), contradicted_.lower_bound(round));
}

}  // namespace ashlar::simulation
