// Simplex (Chan and Pass, eprint 2023/463) as a pure state machine: step(event, now) -> actions.
//
// What a validator never does, and where it is held:
//  1. Notarize twice in a view, after it nullified the view, or a block that it has not checked.
//  2. Finalize a view that it nullified, nullify one that it finalized, or finalize while it knows
//     that the leader equivocated.
//  3. Build on a parent that is not certified, or skip a view without its nullification.
//  4. Send a vote that is not durable: votes leave, and count here, when Synced covers their
//  record.
//     (Blocks and certificates need not wait: more of them can make no conflicting certificate.)
//  5. Vote against its journal: start() restores every vote, and they count again.
// cast() asserts 1, 2 and 5 for every vote that is made; propose_parent() and ancestry() hold 3.
//
// The host feeds events from one thread and carries out the actions in order (action.h). Memory is
// bounded by the number of validators, kViewsAhead, and the certificates of views since the last
// final block.
#pragma once

#include <map>
#include <set>

#include "consensus/block_tree.h"
#include "consensus/resolver.h"
#include "consensus/settings.h"
#include "consensus/tally.h"

namespace ashlar::consensus {

class Engine {
  public:
    // Without a signer, or with one that is not in the set, the engine follows and never votes.
    // Signer, verifier and format must outlive the engine.
    Engine(const Settings& settings, Anchor anchor, const Signer* signer, const Verifier& verifier,
           const BlockFormat& format);

    // Once, before any step: the journal's records in order. Records that the anchor made old are
    // passed over; `corrupt` where one of this validator's own records does not fit.
    Expected<Actions> start(const std::vector<Record>& journal, TimeUs now);
    Actions step(Event event, TimeUs now);
    Status status() const;
    const Round& round() const { return round_; }

  private:
    struct ViewState {
        Tally notarizes;
        Tally nullifies;
        Tally finalizes;
        std::optional<Certificate> notarization;
        std::optional<Certificate> nullification;
        std::optional<Certificate> finalization;
        std::optional<Proposal> proposal;        // the first that the leader signed
        std::optional<BlockDigest> early_block;  // the leader's, before its vote
        std::optional<Vote> my_notarize;
        std::optional<Vote> my_nullify;
        std::optional<Vote> my_finalize;
        bool equivocated = false;
        std::optional<View> build_parent;  // a block is being built here, on this view's
        bool announced = false;            // Notarized was said
        std::set<SignerIndex> reported;

        Tally& tally(VoteKind kind);
        const Tally& tally(VoteKind kind) const;
        std::optional<Certificate>& certificate(VoteKind kind);
        const std::optional<Certificate>& certificate(VoteKind kind) const;
        std::optional<Vote>& my_vote(VoteKind kind);
        // The block that a notarization or finalization names.
        std::optional<BlockDigest> certified_block() const;
    };
    enum class Ancestry { good, missing, bad };
    struct PendingVote {
        std::uint64_t sequence = 0;
        Vote vote;
    };
    struct HeldMessage {
        PublicKey from;
        Message message;
    };

    // engine.cpp: events, the turn, restarts
    void handle(Received event);
    void handle(TimerFired);
    void handle(const BlockChecked& event);
    void handle(BlockBuilt event);
    void handle(const Synced& event);
    void handle(const WorkChanged& event);
    void handle(const PeersChanged& event);
    void handle(EpochChanged event);
    void advance();
    Actions finish_turn();
    Expected<void> restore(const Record& record);
    Expected<void> restore_epoch();
    std::vector<Vote> my_votes() const;
    std::vector<Vote> resendable_votes();
    void begin_epoch(Epoch epoch, ValidatorSet validators);

    // engine_receive.cpp: what peers send
    void receive(const PublicKey& from, Vote vote);
    void receive(const PublicKey& from, Certificate certificate);
    void receive(const PublicKey& from, BlockMessage message);
    void receive(const PublicKey& from, CertificateRequest request);
    void receive(const PublicKey& from, BlockRequest request);
    void receive(const PublicKey& from, BlockResponse response);
    void receive(const PublicKey& from, FinalizedRequest request);
    void receive(const PublicKey& from, FinalizedResponse response);
    bool is_of_other_epoch(const PublicKey& from, Round round, const Message& message);
    void on_conflict(const PublicKey& from, const Vote& first, const Vote& second);
    void on_leader_vote(const PublicKey& from, const Vote& vote);
    void help(const PublicKey& peer);
    void ask_ahead(const PublicKey& peer);
    bool may_answer(const PublicKey& peer);
    void refuse(const PublicKey& peer, std::string reason);
    bool verify_vote(const Vote& vote) const;
    bool verify_certificate(const Certificate& certificate) const;

    // engine_votes.cpp: votes and certificates
    void cast(const Subject& subject);
    bool may_vote() const;
    void note_heard(SignerIndex signer, const Subject& subject);
    void count(const Vote& vote, Checked checked);
    void tally(View view, VoteKind kind);
    void accept(const Certificate& certificate);
    void enter(View view, const Certificate& certificate);
    bool try_finalize_chain();
    bool finalize_with(const Certificate& certificate);
    void emit_finalized(const BlockTree::Path& path, const Certificate& certificate);
    bool try_vote_finalize();

    // engine_rounds.cpp: proposing and notarizing
    bool try_propose();
    bool try_notarize();
    std::optional<View> propose_parent() const;
    Ancestry ancestry(const Proposal& proposal) const;
    void pursue(const BlockDigest& digest);
    Ancestry chains_on(const BlockSummary& block, View parent) const;
    std::optional<BlockDigest> block_at(View view) const;
    bool closes_epoch(const BlockDigest& digest) const;
    void propose(const Proposal& proposal);

    // engine_timers.cpp: time, and what is missing
    void update_deadlines();
    bool on_deadlines();
    std::optional<TimeUs> next_deadline() const;
    bool has_reason(TimeUs patience) const;
    bool wants_to_lead() const;
    bool nullify_now();
    bool leader_is_silent() const;
    TimeUs delay(TimeUs delays) const;
    TimeUs poll_interval() const;
    bool has_leftover() const;
    void collect_wants();
    void want_proposal();
    void want_certificates();
    void want_chain(const BlockDigest& digest, const std::optional<PublicKey>& first);
    void send_requests();
    void poll();
    std::vector<PublicKey> askable() const;

    // Small helpers.
    ViewState& at(View view) { return views_[view]; }
    const ViewState* find(View view) const;
    View current() const { return round_.view; }
    bool is_validator() const { return self_.has_value(); }
    bool in_window(View view) const;
    void send(std::optional<PublicKey> to, Message message);
    void persist(Record record);
    template <typename T>
    void emit(T action) {
        actions_.emplace_back(std::move(action));
    }

    const Settings settings_;
    const Signer* const signer_;
    const Verifier& verifier_;
    const BlockFormat& format_;

    // The epoch.
    ValidatorSet validators_;
    std::optional<SignerIndex> self_;
    std::optional<Digest> next_validators_;  // the epoch is over, and this set comes next
    std::vector<HeldMessage> next_epoch_;

    // The last final block.
    View final_view_;
    Height final_height_;
    BlockDigest final_digest_;
    std::optional<Certificate> newest_finalization_;   // of this epoch or the one before
    std::optional<Certificate> pending_finalization_;  // whose blocks are not all here

    // Views above the last final one.
    Round round_;
    std::map<View, ViewState> views_;
    std::set<View> notarized_;
    std::optional<Certificate> entry_;  // by which the current view was entered
    BlockTree blocks_;
    std::map<SignerIndex, View> last_heard_;
    bool journal_lost_ = false;
    std::map<SignerIndex, View> heard_since_loss_;
    std::optional<View> votes_from_;  // once known, after the journal was lost

    // Time.
    TimeUs now_ = 0;
    TimeUs entered_at_ = 0;
    TimeUs news_at_ = 0;
    std::optional<TimeUs> leader_deadline_;
    std::optional<TimeUs> progress_deadline_;
    TimeUs retry_at_ = 0;
    std::optional<TimeUs> timer_set_;
    bool work_waiting_ = false;
    bool active_ = false;  // somebody else did something in this view

    // Peers.
    std::vector<PublicKey> peers_;
    std::set<PublicKey> refused_;
    std::map<PublicKey, TimeUs> answered_at_;
    Resolver resolver_;
    std::optional<PublicKey> claims_later_epoch_;
    std::optional<PublicKey> serving_;  // gave final blocks last, and has more
    std::size_t claim_tries_ = 0;
    std::size_t poll_turn_ = 0;

    // The turn.
    Actions actions_;
    std::uint64_t sequence_ = 0;
    std::uint64_t sync_asked_ = 0;
    std::uint64_t sync_needed_ = 0;
    std::vector<PendingVote> pending_votes_;
    std::vector<Record> journal_;  // of epochs that did not begin yet, after a restart
    bool restoring_ = false;
    bool started_ = false;
};

}  // namespace ashlar::consensus
