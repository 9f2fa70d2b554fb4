#include "consensus/tally.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::consensus {

Added Tally::add(const Vote& vote, Checked checked, std::size_t size) {
    ASHLAR_ASSERT(vote.signer < size);
    if (slots_.empty()) slots_.resize(size);
    Slot& slot = slots_[vote.signer];
    if (slot.vote) {
        return slot.vote->subject == vote.subject ? Added::repeated : Added::conflicting;
    }
    slot.vote = vote;
    slot.checked = checked;
    for (auto& entry : counts_) {
        if (entry.first == vote.subject) {
            ++entry.second;
            return Added::fresh;
        }
    }
    counts_.emplace_back(vote.subject, 1);
    return Added::fresh;
}

const Vote* Tally::vote_of(SignerIndex signer) const {
    if (signer >= slots_.size() || !slots_[signer].vote) return nullptr;
    return &*slots_[signer].vote;
}

bool Tally::is_checked(SignerIndex signer) const {
    return signer < slots_.size() && slots_[signer].checked == Checked::yes;
}

bool Tally::has_checked(const Vote& vote) const {
    const Vote* kept = vote_of(vote.signer);
    return kept != nullptr && *kept == vote && is_checked(vote.signer);
}

void Tally::mark_checked(SignerIndex signer) {
    ASHLAR_ASSERT(vote_of(signer) != nullptr);
    slots_[signer].checked = Checked::yes;
}

std::optional<Subject> Tally::subject_with(std::size_t votes) const {
    for (const auto& entry : counts_) {
        if (entry.second >= votes) return entry.first;
    }
    return std::nullopt;
}

void Tally::remove(SignerIndex signer) {
    const Vote* vote = vote_of(signer);
    ASHLAR_ASSERT(vote != nullptr);
    for (auto& entry : counts_) {
        if (entry.first == vote->subject) --entry.second;
    }
    slots_[signer] = Slot{};
}

std::vector<SignerIndex> Tally::check(const Subject& subject, const ChainId& chain,
                                      const ValidatorSet& set, const Verifier& verifier) {
    std::vector<SignerIndex> places;
    std::vector<SignedBy> signatures;
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        const Slot& slot = slots_[i];
        if (!slot.vote || slot.checked == Checked::yes || !(slot.vote->subject == subject)) {
            continue;
        }
        places.push_back(static_cast<SignerIndex>(i));
        signatures.push_back({set.key(places.back()), slot.vote->signature});
    }
    std::vector<SignerIndex> culprits;
    if (places.empty()) return culprits;
    for (std::size_t bad : find_bad(verifier, signed_bytes(chain, subject), signatures)) {
        culprits.push_back(places[bad]);
        remove(places[bad]);
    }
    for (SignerIndex place : places) {
        if (slots_[place].vote) slots_[place].checked = Checked::yes;
    }
    return culprits;
}

Tally::Certified Tally::certify(const ChainId& chain, const ValidatorSet& set,
                                const Verifier& verifier) {
    Certified result;
    while (auto subject = subject_with(set.quorum())) {
        std::vector<SignerIndex> culprits = check(*subject, chain, set, verifier);
        if (!culprits.empty()) {
            result.culprits.insert(result.culprits.end(), culprits.begin(), culprits.end());
            continue;
        }
        std::vector<Vote> votes;
        for (const Slot& slot : slots_) {
            if (slot.vote && slot.vote->subject == *subject) votes.push_back(*slot.vote);
        }
        result.certificate = make_certificate(*subject, votes, set);
        break;
    }
    return result;
}

}  // namespace ashlar::consensus
