#include "consensus/engine.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::consensus {

Tally& Engine::ViewState::tally(VoteKind kind) {
    if (kind == VoteKind::notarize) return notarizes;
    return kind == VoteKind::nullify ? nullifies : finalizes;
}

const Tally& Engine::ViewState::tally(VoteKind kind) const {
    if (kind == VoteKind::notarize) return notarizes;
    return kind == VoteKind::nullify ? nullifies : finalizes;
}

const std::optional<Certificate>& Engine::ViewState::certificate(VoteKind kind) const {
    if (kind == VoteKind::notarize) return notarization;
    return kind == VoteKind::nullify ? nullification : finalization;
}

std::optional<Certificate>& Engine::ViewState::certificate(VoteKind kind) {
    if (kind == VoteKind::notarize) return notarization;
    return kind == VoteKind::nullify ? nullification : finalization;
}

std::optional<Vote>& Engine::ViewState::my_vote(VoteKind kind) {
    if (kind == VoteKind::notarize) return my_notarize;
    return kind == VoteKind::nullify ? my_nullify : my_finalize;
}

std::optional<BlockDigest> Engine::ViewState::certified_block() const {
    if (notarization) return notarization->subject.proposal.block;
    if (finalization) return finalization->subject.proposal.block;
    return std::nullopt;
}

Engine::Engine(const Settings& settings, Anchor anchor, const Signer* signer,
               const Verifier& verifier, const BlockFormat& format)
    : settings_(settings),
      signer_(signer),
      verifier_(verifier),
      format_(format),
      validators_(anchor.validators),
      final_view_(anchor.round.view),
      final_height_(anchor.height),
      final_digest_(anchor.digest),
      newest_finalization_(anchor.finalization),
      round_{anchor.round.epoch, anchor.round.view.next()},
      entry_(anchor.round.view == View(0) ? std::nullopt : std::move(anchor.finalization)),
      resolver_(settings.expected_delay_us / 2, settings.expected_delay_us * 2) {
    ASHLAR_ASSERT(settings.expected_delay_us > 0);
    if (signer_ != nullptr) self_ = validators_.index_of(signer_->public_key());
    journal_lost_ = settings.journal_lost;
}

Expected<Actions> Engine::start(const std::vector<Record>& journal, TimeUs now) {
    ASHLAR_ASSERT(!started_);
    started_ = true;
    now_ = entered_at_ = news_at_ = now;
    for (const Record& record : journal) {
        if (round_of(record) <= Round{round_.epoch, final_view_}) continue;
        journal_.push_back(record);
    }
    ASHLAR_CHECK(restore_epoch());
    send(std::nullopt, CertificateRequest{round_});
    advance();
    return finish_turn();
}

Actions Engine::step(Event event, TimeUs now) {
    ASHLAR_ASSERT(started_);
    now_ = std::max(now_, now);
    std::visit([this](auto& content) { handle(std::move(content)); }, event);
    advance();
    return finish_turn();
}

// Everything that can be done now, until nothing more can.
void Engine::advance() {
    bool progressed = true;
    while (progressed) {
        progressed = try_finalize_chain();
        if (next_validators_) break;
        progressed = try_vote_finalize() || progressed;
        progressed = try_propose() || progressed;
        progressed = try_notarize() || progressed;
        if (!progressed) {
            update_deadlines();
            progressed = on_deadlines();
        }
    }
    collect_wants();
    send_requests();
    poll();
}

Actions Engine::finish_turn() {
    if (sync_needed_ > sync_asked_) {
        emit(Sync{});
        sync_asked_ = sequence_;
    }
    std::optional<TimeUs> next = next_deadline();
    if (next && next != timer_set_) {
        timer_set_ = next;
        emit(SetTimer{*next});
    }
    return std::exchange(actions_, {});
}

void Engine::handle(TimerFired) {
    timer_set_.reset();
}

void Engine::handle(const BlockChecked& event) {
    BlockEntry* entry = blocks_.find(event.digest);
    if (entry == nullptr || entry->state != BlockState::asked) return;
    entry->state = event.good ? BlockState::good : BlockState::bad;
}

void Engine::handle(const Synced& event) {
    ASHLAR_ASSERT(event.sequence <= sequence_);
    std::vector<PendingVote> still;
    for (PendingVote& pending : std::exchange(pending_votes_, {})) {
        const Vote& vote = pending.vote;
        if (pending.sequence > event.sequence) {
            still.push_back(std::move(pending));
        } else if (vote.subject.round() > Round{round_.epoch, final_view_} && !next_validators_) {
            send(std::nullopt, vote);
            count(vote, Checked::yes);
        }
    }
    // What counting made cannot be durable yet: it comes after what waited already.
    still.insert(still.end(), pending_votes_.begin(), pending_votes_.end());
    pending_votes_ = std::move(still);
}

void Engine::handle(const WorkChanged& event) {
    work_waiting_ = event.waiting;
}

void Engine::handle(const PeersChanged& event) {
    std::vector<PublicKey> before = std::exchange(peers_, event.connected);
    for (const PublicKey& peer : peers_) {
        if (std::find(before.begin(), before.end(), peer) != before.end()) continue;
        // What was said while the peer was away is lost: say again what still matters.
        send(peer, CertificateRequest{round_});
        for (const Vote& vote : resendable_votes()) send(peer, vote);
    }
}

void Engine::handle(EpochChanged event) {
    ASHLAR_ASSERT(next_validators_ && *next_validators_ == event.validators.digest());
    begin_epoch(round_.epoch.next(), std::move(event.validators));
    Expected<void> restored = restore_epoch();
    ASHLAR_ASSERT(restored.has_value());
    send(std::nullopt, CertificateRequest{round_});
    for (HeldMessage& held : std::exchange(next_epoch_, {})) {
        handle(Received{held.from, std::move(held.message)});
    }
}

void Engine::begin_epoch(Epoch epoch, ValidatorSet validators) {
    validators_ = std::move(validators);
    self_.reset();
    if (signer_ != nullptr) self_ = validators_.index_of(signer_->public_key());
    next_validators_.reset();
    final_view_ = View(0);
    round_ = {epoch, View(1)};
    pending_finalization_.reset();
    entry_.reset();
    views_.clear();
    notarized_.clear();
    blocks_.clear();
    last_heard_.clear();
    heard_since_loss_.clear();
    votes_from_.reset();
    refused_.clear();
    answered_at_.clear();
    resolver_.clear();
    claims_later_epoch_.reset();
    pending_votes_.clear();
    entered_at_ = news_at_ = now_;
    leader_deadline_.reset();
    progress_deadline_.reset();
    active_ = false;
    serving_.reset();
}

// Applies the journal's records of this epoch, and keeps those of later ones.
Expected<void> Engine::restore_epoch() {
    restoring_ = true;
    std::vector<Record> later;
    for (Record& record : std::exchange(journal_, {})) {
        if (round_of(record).epoch > round_.epoch) {
            later.push_back(std::move(record));
        } else if (round_of(record).epoch == round_.epoch) {
            ASHLAR_CHECK(restore(record));
        }
    }
    journal_ = std::move(later);
    restoring_ = false;
    for (const Vote& vote : my_votes()) {
        if (vote.subject.view() > final_view_) count(vote, Checked::yes);
    }
    for (const Vote& vote : resendable_votes()) send(std::nullopt, vote);
    return {};
}

Expected<void> Engine::restore(const Record& record) {
    if (const auto* block = std::get_if<BlockRecord>(&record)) {
        Expected<BlockSummary> summary = format_.summarize(block->block);
        if (!summary) return fail(ErrorCode::corrupt, "the journal holds a malformed block");
        blocks_.add(block->block, *summary, block->round.view);
        return {};
    }
    if (const auto* certificate = std::get_if<Certificate>(&record)) {
        // Its signatures were checked before it was written.
        if (!certificate->subject.well_formed() || !signers_of(*certificate, validators_)) {
            return fail(ErrorCode::corrupt, "the journal holds a malformed certificate");
        }
        accept(*certificate);
        return {};
    }
    const Vote& vote = std::get<Vote>(record);
    if (!vote.subject.well_formed() || !self_ || vote.signer != *self_ || !verify_vote(vote)) {
        return fail(ErrorCode::corrupt,
                    "the journal holds a vote that this validator's key did not make");
    }
    std::optional<Vote>& mine = at(vote.subject.view()).my_vote(vote.subject.kind);
    if (mine && !(mine->subject == vote.subject)) {
        return fail(ErrorCode::corrupt, "the journal holds two votes that conflict");
    }
    mine = vote;
    if (vote.subject.kind == VoteKind::notarize &&
        validators_.leader(vote.subject.view()) == *self_) {
        at(vote.subject.view()).proposal = vote.subject.proposal;
    }
    round_.view = std::max(round_.view, vote.subject.view());
    return {};
}

std::vector<Vote> Engine::my_votes() const {
    std::vector<Vote> votes;
    for (const auto& pair : views_) {
        for (const auto* vote :
             {&pair.second.my_notarize, &pair.second.my_nullify, &pair.second.my_finalize}) {
            if (*vote) votes.push_back(**vote);
        }
    }
    return votes;
}

// Those that others may still need: finalizes of what is not final, and what was said in this view
// (an earlier one is certified here, which says more). Only those that count already, which they do
// once they are durable.
std::vector<Vote> Engine::resendable_votes() {
    std::vector<Vote> votes = my_votes();
    std::erase_if(votes, [&](const Vote& vote) {
        const View view = vote.subject.view();
        bool needed =
            view > final_view_ && (vote.subject.kind == VoteKind::finalize || view == current());
        return !needed || at(view).tally(vote.subject.kind).vote_of(*self_) == nullptr;
    });
    return votes;
}

const Engine::ViewState* Engine::find(View view) const {
    auto found = views_.find(view);
    return found == views_.end() ? nullptr : &found->second;
}

bool Engine::in_window(View view) const {
    return view > final_view_ && view.value <= current().value + kViewsAhead;
}

void Engine::send(std::optional<PublicKey> to, Message message) {
    if (!restoring_) emit(Send{std::move(to), std::move(message)});
}

void Engine::persist(Record record) {
    if (!restoring_) emit(Persist{++sequence_, std::move(record)});
}

Status Engine::status() const {
    Status status;
    status.round = round_;
    status.leader = validators_.key(validators_.leader(current()));
    status.height = final_height_;
    status.digest = final_digest_;
    status.final_view = final_view_;
    status.between_epochs = next_validators_.has_value();
    status.catching_up = pending_finalization_.has_value() || claims_later_epoch_.has_value();
    for (std::size_t i = 0; i < validators_.size(); ++i) {
        auto index = static_cast<SignerIndex>(i);
        auto heard = last_heard_.find(index);
        const PublicKey& key = validators_.key(index);
        status.validators.push_back(
            {key, heard == last_heard_.end() ? View(0) : heard->second, refused_.count(key) != 0});
    }
    return status;
}

}  // namespace ashlar::consensus
