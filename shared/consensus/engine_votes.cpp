// Votes of this validator, what a quorum of votes makes, and what that makes final.
#include <algorithm>

#include "base/assert.h"
#include "consensus/engine.h"

namespace ashlar::consensus {

// Whether this validator may vote in the current view. Where its journal was lost, it may have
// voted up to the view that it had entered, V. Then a quorum voted in V-1, itself among it. Of 2f+1
// others more than f were in that quorum, so an honest one was: once they were heard, V is at most
// one above the highest view that was heard. Only notarizes and nullifies count, which an honest
// validator sends (also again, resendable_votes) for the view that it is in. (With f = 0 the others
// cannot go on without it, and it never votes again: such a network does not survive the loss.)
bool Engine::may_vote() const {
    if (!is_validator()) return false;
    return !journal_lost_ || (votes_from_ && current() >= *votes_from_);
}

void Engine::note_heard(SignerIndex signer, const Subject& subject) {
    View& heard = last_heard_[signer];
    heard = std::max(heard, subject.view());
    if (!journal_lost_ || votes_from_ || signer == self_) return;
    if (subject.kind == VoteKind::finalize) return;
    View& since = heard_since_loss_[signer];
    since = std::max(since, subject.view());
    if (heard_since_loss_.size() < 2 * validators_.faulty_max() + 1) return;
    View highest;
    for (const auto& pair : heard_since_loss_) highest = std::max(highest, pair.second);
    votes_from_ = View(highest.value + 2);
}

void Engine::cast(const Subject& subject) {
    ASHLAR_ASSERT(is_validator() && !next_validators_ && !restoring_);
    ASHLAR_ASSERT(!journal_lost_ || (votes_from_ && subject.view() >= *votes_from_));
    ASHLAR_ASSERT(subject.well_formed() && subject.round().epoch == round_.epoch);
    ASHLAR_ASSERT(subject.view() > final_view_);
    ViewState& state = at(subject.view());
    ASHLAR_ASSERT(!state.my_vote(subject.kind));
    if (subject.kind == VoteKind::finalize) {
        ASHLAR_ASSERT(!state.my_nullify && !state.equivocated && subject.view() < current());
    } else {
        ASHLAR_ASSERT(!state.my_nullify && !state.my_finalize && subject.view() == current());
    }
    Vote vote{subject, *self_, signer_->sign(signed_bytes(settings_.chain, subject))};
    state.my_vote(subject.kind) = vote;
    persist(vote);
    pending_votes_.push_back({sequence_, vote});
    sync_needed_ = sequence_;
}

void Engine::count(const Vote& vote, Checked checked) {
    ViewState& state = at(vote.subject.view());
    state.tally(vote.subject.kind).add(vote, checked, validators_.size());
    if (vote.signer == self_) note_heard(vote.signer, vote.subject);
    tally(vote.subject.view(), vote.subject.kind);
}

void Engine::tally(View view, VoteKind kind) {
    ViewState& state = at(view);
    if (state.certificate(kind)) return;
    Tally::Certified result = state.tally(kind).certify(settings_.chain, validators_, verifier_);
    for (SignerIndex culprit : result.culprits) {
        refuse(validators_.key(culprit), "a vote whose signature does not verify");
    }
    if (result.certificate) accept(*result.certificate);
}

// A certificate that verifies. Two that cannot both be mean that more than f validators lie, and
// then it is better to stop than to sign.
void Engine::accept(const Certificate& certificate) {
    const View view = certificate.view();
    if (view <= final_view_) return;
    ViewState& state = at(view);
    if (state.certificate(certificate.kind())) return;
    state.certificate(certificate.kind()) = certificate;
    ASHLAR_ASSERT(!state.finalization || !state.nullification);
    ASHLAR_ASSERT(!state.finalization || !state.notarization ||
                  state.finalization->subject.proposal == state.notarization->subject.proposal);
    news_at_ = now_;
    persist(certificate);
    constexpr std::uint64_t kViewsOfInterest = 2;
    const bool is_new = view.value + kViewsOfInterest >= current().value;

    if (certificate.kind() == VoteKind::nullify) {
        if (!state.my_notarize && !state.certified_block() && state.early_block) {
            const BlockEntry* entry = blocks_.find(*state.early_block);
            if (entry != nullptr && entry->view == view) blocks_.erase(*state.early_block);
        }
    } else {
        notarized_.insert(view);
        const Proposal& proposal = certificate.subject.proposal;
        if (state.proposal && !(*state.proposal == proposal)) state.equivocated = true;
        if (BlockEntry* entry = blocks_.find(proposal.block)) {
            entry->view = std::max(entry->view, view);
        }
    }
    if (certificate.kind() == VoteKind::finalize &&
        (!pending_finalization_ || pending_finalization_->view() < view)) {
        pending_finalization_ = certificate;
    }
    if (is_new) send(std::nullopt, certificate);
    if (view >= current()) enter(view.next(), certificate);
}

void Engine::enter(View view, const Certificate& certificate) {
    ASHLAR_ASSERT(view > current());
    round_.view = view;
    entry_ = certificate;
    entered_at_ = now_;
    leader_deadline_.reset();
    progress_deadline_.reset();
    const ViewState* state = find(view);
    active_ = state != nullptr && (state->proposal || state->early_block ||
                                   !state->notarizes.empty() || !state->nullifies.empty());
}

bool Engine::try_finalize_chain() {
    return pending_finalization_ && finalize_with(Certificate(*pending_finalization_));
}

bool Engine::finalize_with(const Certificate& certificate) {
    const BlockDigest block = certificate.subject.proposal.block;
    BlockTree::Path path = blocks_.path(block, final_digest_, final_height_);
    if (path.missing) return false;
    // A certified chain that leaves the final one: more than f validators lie.
    ASHLAR_ASSERT(path.reaches_root && certificate.view() > final_view_);
    emit_finalized(path, certificate);
    final_view_ = certificate.view();
    if (pending_finalization_ && pending_finalization_->view() <= final_view_) {
        pending_finalization_.reset();
        serving_.reset();
    }
    views_.erase(views_.begin(), views_.upper_bound(final_view_));
    notarized_.erase(notarized_.begin(), notarized_.upper_bound(final_view_));
    blocks_.prune(final_height_, final_view_);
    newest_finalization_ = certificate;
    return true;
}

void Engine::emit_finalized(const BlockTree::Path& path, const Certificate& certificate) {
    for (auto at = path.digests.rbegin(); at != path.digests.rend(); ++at) {
        BlockEntry* entry = blocks_.find(*at);
        ASHLAR_ASSERT(!next_validators_ && entry->summary.parent == final_digest_);
        ASHLAR_ASSERT(entry->summary.height == final_height_.next());
        final_height_ = entry->summary.height;
        final_digest_ = entry->summary.digest;
        if (closes_epoch(final_digest_)) next_validators_ = entry->summary.next_validators;
        Finalized action{
            entry->summary, std::move(entry->bytes), std::nullopt, {round_.epoch, entry->view}};
        if (*at == path.digests.front()) action.finalization = certificate;
        emit(std::move(action));
    }
}

// Votes to finalize what is notarized and good, and has what is notarized checked.
bool Engine::try_vote_finalize() {
    bool progressed = false;
    for (View view : std::vector<View>(notarized_.begin(), notarized_.end())) {
        ViewState& state = at(view);
        const BlockDigest block = *state.certified_block();
        const BlockEntry* entry = blocks_.find(block);
        if (entry == nullptr) continue;
        if (!state.announced) {
            state.announced = true;
            emit(Notarized{{round_.epoch, view}, block});
            // What waited is most likely in it; the host says so where some is not.
            work_waiting_ = false;
        }
        if (entry->state != BlockState::good) {
            pursue(block);
            continue;
        }
        bool lost = journal_lost_ && (!votes_from_ || view < *votes_from_);
        bool may = is_validator() && !lost && state.notarization && !state.finalization &&
                   !state.my_finalize && !state.my_nullify && !state.equivocated;
        if (!may) continue;
        cast(Subject::finalize(state.notarization->subject.proposal));
        progressed = true;
    }
    return progressed;
}

}  // namespace ashlar::consensus
