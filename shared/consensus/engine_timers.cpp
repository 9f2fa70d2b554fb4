// Time: when a view is given up, and when a peer is asked for what is missing.
#include <algorithm>

#include "base/assert.h"
#include "consensus/engine.h"

namespace ashlar::consensus {

// Delays, longer the longer no view was notarized: the network may be slower than we think.
TimeUs Engine::delay(TimeUs delays) const {
    View certified = notarized_.empty() ? final_view_ : *notarized_.rbegin();
    certified = std::max(certified, final_view_);
    std::uint64_t missed = current().value - 1 - std::min(certified.value, current().value - 1);
    std::uint64_t doublings = missed / (validators_.faulty_max() + 1);
    doublings = std::min<std::uint64_t>(doublings, kBackoffDoublingsMax);
    return (delays * settings_.expected_delay_us) << doublings;
}

// A block is notarized that is not final: it takes another one to make it so.
bool Engine::has_leftover() const {
    return !notarized_.empty();
}

// Whether there is a reason to have a block at all. `patience` is how long a leftover may wait for
// finalize votes that are on their way.
bool Engine::has_reason(TimeUs patience) const {
    if (settings_.idle_us == 0 || work_waiting_ || active_) return true;
    if (now_ >= entered_at_ + settings_.idle_us) return true;
    return has_leftover() && now_ >= entered_at_ + patience;
}

bool Engine::wants_to_lead() const {
    return has_reason(delay(kProgressDelays));
}

bool Engine::leader_is_silent() const {
    const std::uint64_t views = kSilentTurns * validators_.size();
    if (current().value <= views) return false;
    const View since(current().value - views);
    std::size_t heard = 0;
    for (const auto& pair : last_heard_) {
        if (pair.second >= since) ++heard;
    }
    const SignerIndex leader = validators_.leader(current());
    auto last = last_heard_.find(leader);
    bool silent = leader != *self_ && (last == last_heard_.end() || last->second < since);
    return silent && heard >= validators_.quorum();
}

void Engine::update_deadlines() {
    if (!may_vote()) return;
    if (!has_reason(2 * delay(kProgressDelays))) {
        leader_deadline_.reset();
        progress_deadline_.reset();
        return;
    }
    if (progress_deadline_) return;
    const bool silent = leader_is_silent();
    leader_deadline_ = now_ + (silent ? 0 : delay(kLeaderDelays));
    progress_deadline_ = now_ + (silent ? 0 : delay(kProgressDelays));
    retry_at_ = now_ + delay(kRetryDelays);
}

bool Engine::nullify_now() {
    if (at(current()).my_nullify) return false;
    cast(Subject::nullify(round_));
    retry_at_ = now_ + delay(kRetryDelays);
    return true;
}

// Returns whether it did something that may lead to more.
bool Engine::on_deadlines() {
    if (!may_vote()) return false;
    ViewState& state = at(current());
    if (state.my_nullify) {
        if (now_ < retry_at_) return false;
        retry_at_ = now_ + delay(kRetryDelays);
        // Who is behind needs the certificate by which we came here, or it can never follow.
        if (entry_) send(std::nullopt, *entry_);
        if (state.nullifies.vote_of(*self_) != nullptr) send(std::nullopt, *state.my_nullify);
        return false;
    }
    if (!progress_deadline_) return false;
    bool late = now_ >= *progress_deadline_ || (!state.proposal && now_ >= *leader_deadline_);
    return late && nullify_now();
}

std::optional<TimeUs> Engine::next_deadline() const {
    std::vector<TimeUs> times;
    if (auto at = resolver_.next_at()) times.push_back(*at);
    times.push_back(news_at_ + poll_interval());
    if (may_vote() && !next_validators_) {
        const ViewState* state = find(current());
        if (state != nullptr && state->my_nullify) {
            times.push_back(retry_at_);
        } else if (progress_deadline_) {
            times.push_back(*progress_deadline_);
            if (state == nullptr || !state->proposal) times.push_back(*leader_deadline_);
        } else {
            times.push_back(entered_at_ + settings_.idle_us);
        }
        if (has_leftover()) {
            for (TimeUs at :
                 {entered_at_ + delay(kProgressDelays), entered_at_ + 2 * delay(kProgressDelays)}) {
                if (at > now_) times.push_back(at);
            }
        }
    }
    return std::max(*std::min_element(times.begin(), times.end()), now_ + 1);
}

std::vector<PublicKey> Engine::askable() const {
    std::vector<PublicKey> peers = peers_.empty() ? validators_.keys() : peers_;
    std::erase_if(peers, [&](const PublicKey& key) {
        bool self = signer_ != nullptr && key == signer_->public_key();
        return self || refused_.count(key) != 0;
    });
    return peers;
}

void Engine::collect_wants() {
    resolver_.begin();
    const Want finalized = Want::finalized(final_height_.next());
    if (claims_later_epoch_) resolver_.want(finalized, claims_later_epoch_, now_);
    // Who just served a part has the rest: nothing is on its way that would be worth a wait.
    const TimeUs since = serving_ ? 0 : now_;
    if (pending_finalization_) resolver_.want(finalized, serving_, since);
    if (!next_validators_) {
        want_proposal();
        want_certificates();
        if (!pending_finalization_) {
            for (View view : notarized_) {
                const BlockDigest block = *find(view)->certified_block();
                want_chain(block, validators_.key(validators_.leader(view)));
            }
        }
    }
    resolver_.end();
}

// What the current proposal stands on, first of its leader, who must have it.
void Engine::want_proposal() {
    const ViewState* state = find(current());
    if (state == nullptr || !state->proposal || state->my_notarize || state->my_nullify) return;
    const Proposal& proposal = *state->proposal;
    const PublicKey leader = validators_.key(validators_.leader(current()));
    if (blocks_.find(proposal.block) == nullptr) {
        resolver_.want(Want::of_block(proposal.block), leader, now_);
    } else {
        want_chain(proposal.block, leader);
    }
    if (proposal.parent < final_view_) return;
    if (!block_at(proposal.parent)) {
        resolver_.want(Want::certificate(proposal.parent), leader, now_);
    }
    std::uint64_t wanted = 0;
    for (View view = proposal.parent.next(); view < current(); view = view.next()) {
        const ViewState* between = find(view);
        if (between != nullptr && between->nullification) continue;
        resolver_.want(Want::certificate(view), leader, now_);
        if (++wanted == kCertificatesWanted) return;
    }
}

// The newest views that nothing certifies here, or whose block cannot be had.
void Engine::want_certificates() {
    std::uint64_t wanted = 0;
    std::uint64_t seen = 0;
    for (View view(current().value - 1); view > final_view_; view = View(view.value - 1)) {
        const ViewState* state = find(view);
        bool enough = state != nullptr && state->nullification;
        if (state != nullptr && !enough) {
            if (auto block = state->certified_block()) {
                const BlockEntry* entry = blocks_.find(*block);
                enough = entry != nullptr && entry->state != BlockState::bad;
            }
        }
        if (!enough) {
            resolver_.want(Want::certificate(view), std::nullopt, now_);
            ++wanted;
        }
        // A leader looks all the way: what it lacks keeps it from proposing.
        constexpr std::uint64_t kViewsSeen = 64;
        bool leads = is_validator() && validators_.leader(current()) == *self_;
        if (wanted == kCertificatesWanted || (!leads && ++seen == kViewsSeen)) return;
    }
}

void Engine::want_chain(const BlockDigest& digest, const std::optional<PublicKey>& first) {
    BlockTree::Path path = blocks_.path(digest, final_digest_, final_height_);
    if (path.missing) resolver_.want(Want::of_block(*path.missing), first, now_);
}

void Engine::send_requests() {
    for (const auto& request : resolver_.due(now_, askable())) {
        const Want& want = request.second;
        if (want.kind == WantKind::certificate) {
            send(request.first, CertificateRequest{{round_.epoch, View(want.number)}});
        } else if (want.kind == WantKind::block) {
            send(request.first, BlockRequest{want.block});
        } else {
            send(request.first, FinalizedRequest{Height(want.number)});
            if (++claim_tries_ >= kClaimTriesMax) claims_later_epoch_.reset();
        }
    }
}

TimeUs Engine::poll_interval() const {
    if (has_leftover()) return delay(kProgressDelays);
    return std::max(kPollDelays * settings_.expected_delay_us, settings_.idle_us);
}

// Nothing new for long: ask somebody, for what would be news may have been lost.
void Engine::poll() {
    if (now_ < news_at_ + poll_interval()) return;
    news_at_ = now_;
    std::vector<PublicKey> peers = askable();
    if (peers.empty()) return;
    View view = has_leftover() ? *notarized_.rbegin() : current();
    send(peers[poll_turn_++ % peers.size()], CertificateRequest{{round_.epoch, view}});
}

}  // namespace ashlar::consensus
