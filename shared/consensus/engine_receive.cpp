// What peers send. Nothing here trusts more than that the connection names its sender.
#include <algorithm>

#include "base/assert.h"
#include "consensus/engine.h"

namespace ashlar::consensus {

void Engine::handle(Received event) {
    if (refused_.count(event.from) != 0) return;
    if (signer_ != nullptr && event.from == signer_->public_key()) return;
    std::visit([&](auto& message) { receive(event.from, std::move(message)); }, event.message);
}

void Engine::refuse(const PublicKey& peer, std::string reason) {
    if (!refused_.insert(peer).second) return;
    emit(Refuse{peer, std::move(reason)});
}

bool Engine::verify_vote(const Vote& vote) const {
    SignedBy by{validators_.key(vote.signer), vote.signature};
    return verifier_.verify_all(signed_bytes(settings_.chain, vote.subject), {&by, 1});
}

// The signatures of votes that were counted and checked here are not checked again.
bool Engine::verify_certificate(const Certificate& certificate) const {
    const auto signers = signers_of(certificate, validators_);
    if (!certificate.subject.well_formed() || !signers) return false;
    const ViewState* state = find(certificate.view());
    std::vector<SignedBy> unchecked;
    for (std::size_t i = 0; i < signers->size(); ++i) {
        const Vote vote{certificate.subject, (*signers)[i], certificate.signatures[i]};
        if (state != nullptr && state->tally(certificate.kind()).has_checked(vote)) continue;
        unchecked.push_back({validators_.key(vote.signer), vote.signature});
    }
    return unchecked.empty() ||
           verifier_.verify_all(signed_bytes(settings_.chain, certificate.subject), unchecked);
}

// Whether the message is of another epoch than the one that runs here; then it is dealt with.
bool Engine::is_of_other_epoch(const PublicKey& from, Round round, const Message& message) {
    if (round.epoch == round_.epoch && !next_validators_) return false;
    bool is_vote = std::holds_alternative<Vote>(message);
    if (round.epoch <= round_.epoch) {
        if (is_vote) help(from);
        return true;
    }
    if (!next_validators_ && !claims_later_epoch_) {
        claims_later_epoch_ = from;
        claim_tries_ = 0;
    }
    if (round.epoch != round_.epoch.next()) return true;
    bool is_block = std::holds_alternative<BlockMessage>(message);
    std::size_t held = 0;
    for (const HeldMessage& other : next_epoch_) {
        if (!(other.from == from)) continue;
        ++held;
        if (is_block && std::holds_alternative<BlockMessage>(other.message)) return true;
    }
    if (held < kNextEpochMessagesPerPeer) next_epoch_.push_back({from, message});
    return true;
}

void Engine::receive(const PublicKey& from, Vote vote) {
    if (is_of_other_epoch(from, vote.subject.round(), vote)) return;
    if (!vote.subject.well_formed()) return refuse(from, "a malformed vote");
    std::optional<SignerIndex> index = validators_.index_of(from);
    if (!index || vote.signer != *index) return refuse(from, "a vote under another's name");
    const Subject& subject = vote.subject;
    const View view = subject.view();
    const bool is_nullify = subject.kind == VoteKind::nullify;
    if (is_nullify && view < current()) help(from);
    if (view <= final_view_) return;
    if (!in_window(view)) return ask_ahead(from);
    note_heard(*index, subject);
    if (view == current()) active_ = true;

    ViewState& state = at(view);
    if (const Vote* kept = state.tally(subject.kind).vote_of(*index)) {
        if (!(kept->subject == subject)) return on_conflict(from, *kept, vote);
        if (is_nullify && view == current()) help(from);
        return;
    }
    if (subject.kind != VoteKind::notarize) {
        VoteKind other = is_nullify ? VoteKind::finalize : VoteKind::nullify;
        if (const Vote* kept = state.tally(other).vote_of(*index)) on_conflict(from, *kept, vote);
        if (refused_.count(from) != 0) return;
    }
    if (validators_.leader(view) == *index && subject.kind != VoteKind::finalize) {
        return on_leader_vote(from, vote);
    }
    count(vote, Checked::no);
}

// The leader's notarize is its proposal, and its nullify ends the view: both matter at once.
void Engine::on_leader_vote(const PublicKey& from, const Vote& vote) {
    if (!verify_vote(vote)) return refuse(from, "a vote whose signature does not verify");
    const View view = vote.subject.view();
    if (vote.subject.kind == VoteKind::notarize) {
        ViewState& state = at(view);
        state.proposal = vote.subject.proposal;
        if (state.notarization && !(state.notarization->subject.proposal == *state.proposal)) {
            state.equivocated = true;
        }
    } else if (view == current() && may_vote()) {
        nullify_now();
    }
    count(vote, Checked::yes);
}

void Engine::on_conflict(const PublicKey& from, const Vote& first, const Vote& second) {
    ViewState& state = at(second.subject.view());
    if (state.reported.count(second.signer) != 0) return;
    if (!verify_vote(second) || !verify_vote(first)) {
        return refuse(from, "a vote whose signature does not verify");
    }
    state.reported.insert(second.signer);
    if (second.subject.kind == VoteKind::notarize &&
        validators_.leader(second.subject.view()) == second.signer) {
        state.equivocated = true;
    }
    emit(ReportEvidence{{first, second}});
}

void Engine::receive(const PublicKey& from, Certificate certificate) {
    if (is_of_other_epoch(from, certificate.subject.round(), certificate)) return;
    if (!certificate.subject.well_formed()) return refuse(from, "a malformed certificate");
    if (certificate.view() <= final_view_) return;
    if (const ViewState* state = find(certificate.view())) {
        if (state->certificate(certificate.kind())) return;
    }
    if (!verify_certificate(certificate)) {
        return refuse(from, "a certificate that does not verify");
    }
    accept(certificate);
}

void Engine::receive(const PublicKey& from, BlockMessage message) {
    if (is_of_other_epoch(from, message.round, message)) return;
    const View view = message.round.view;
    if (view < current() || view <= final_view_) return;
    if (!in_window(view)) return ask_ahead(from);
    if (!(validators_.key(validators_.leader(view)) == from)) {
        return refuse(from, "a block for a view that another leads");
    }
    ViewState& state = at(view);
    const bool proposed_other = state.proposal && blocks_.find(state.proposal->block) == nullptr;
    if (state.early_block && !proposed_other) return;
    Expected<BlockSummary> summary = format_.summarize(message.block);
    if (!summary) return refuse(from, "a malformed block: " + summary.error().detail);
    if (state.proposal && !(state.proposal->block == summary->digest)) return;
    blocks_.add(std::move(message.block), *summary, view);
    state.early_block = summary->digest;
    if (view == current()) active_ = true;
}

void Engine::receive(const PublicKey& from, CertificateRequest request) {
    if (request.round.epoch > round_.epoch) {
        is_of_other_epoch(from, request.round, request);
        return;
    }
    if (request.round <= Round{round_.epoch, final_view_} || next_validators_) {
        if (newest_finalization_) send(from, *newest_finalization_);
        return;
    }
    const ViewState* state = find(request.round.view);
    bool answered = false;
    if (state != nullptr) {
        for (const auto* held :
             {&state->notarization, &state->nullification, &state->finalization}) {
            if (!*held) continue;
            send(from, **held);
            answered = true;
        }
    }
    if (!answered && entry_ && request.round.view < current()) send(from, *entry_);
}

void Engine::receive(const PublicKey& from, BlockRequest request) {
    if (const BlockEntry* entry = blocks_.find(request.block)) {
        send(from, BlockResponse{entry->bytes});
    } else {
        emit(Serve{from, request});
    }
}

void Engine::receive(const PublicKey& from, BlockResponse response) {
    Expected<BlockSummary> summary = format_.summarize(response.block);
    if (!summary) return refuse(from, "a malformed block: " + summary.error().detail);
    if (!resolver_.wants(Want::of_block(summary->digest))) return;
    blocks_.add(std::move(response.block), *summary, current());
}

void Engine::receive(const PublicKey& from, FinalizedRequest request) {
    if (request.from != Height(0) && request.from <= final_height_) emit(Serve{from, request});
}

void Engine::receive(const PublicKey& from, FinalizedResponse response) {
    if (next_validators_ || !resolver_.wants(Want::finalized(final_height_.next()))) return;
    const Certificate& certificate = response.finalization;
    const Round round = certificate.subject.round();
    if (certificate.kind() != VoteKind::finalize) return refuse(from, "no finalization");
    if (round.epoch != round_.epoch || round.view <= final_view_) return;
    if (!certificate.subject.well_formed()) return refuse(from, "a malformed certificate");

    // The blocks have to lead from the last final one here to the one that is certified.
    std::vector<std::pair<BlockSummary, Bytes*>> chain;
    BlockDigest tip = final_digest_;
    for (Bytes& block : response.blocks) {
        Expected<BlockSummary> summary = format_.summarize(block);
        if (!summary) return refuse(from, "a malformed block: " + summary.error().detail);
        if (summary->height <= final_height_) continue;
        if (!(summary->parent == tip)) return refuse(from, "final blocks that are no chain");
        tip = summary->digest;
        chain.emplace_back(*summary, &block);
    }
    if (!(tip == certificate.subject.proposal.block)) {
        return refuse(from, "final blocks without their finalization");
    }
    if (!verify(certificate, settings_.chain, validators_, verifier_)) {
        return refuse(from, "a certificate that does not verify");
    }
    for (auto& link : chain) {
        blocks_.add(std::move(*link.second), link.first, certificate.view());
    }
    claims_later_epoch_.reset();
    accept(certificate);
    if (finalize_with(certificate)) serving_ = from;
}

bool Engine::may_answer(const PublicKey& peer) {
    constexpr std::size_t kAnsweredMax = 4 * kValidatorsMax;
    if (answered_at_.size() > kAnsweredMax) answered_at_.clear();
    auto [found, fresh] = answered_at_.try_emplace(peer, now_);
    if (!fresh && now_ < found->second + settings_.expected_delay_us) return false;
    found->second = now_;
    return true;
}

// The peer is behind: give it what leads to where we are.
void Engine::help(const PublicKey& peer) {
    if (!may_answer(peer)) return;
    if (newest_finalization_) send(peer, *newest_finalization_);
    if (entry_ && entry_ != newest_finalization_) send(peer, *entry_);
}

// The peer is far ahead: ask it for what leads there.
void Engine::ask_ahead(const PublicKey& peer) {
    if (may_answer(peer)) send(peer, CertificateRequest{round_});
}

}  // namespace ashlar::consensus
