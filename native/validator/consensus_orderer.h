// The orderer of a network of many validators: it hosts the consensus engine.
//
// One thread owns the engine and all that belongs to it: the journal, the pool, the blocks that are
// not committed. Everything else reaches it through an inbox. A turn of its loop takes all that
// waits, carries out what the engine says, makes the votes of the whole turn durable by one sync,
// and sends them. Final blocks are committed by another thread (BlockWriter), transactions and
// requests of peers looked at by a third (Background), so that neither holds a vote up.
//
// A transaction that a client hands in here is forwarded to every other validator, so that any
// leader has it, and again to whoever connects, until it is final or has expired.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "chain/block_format.h"
#include "chain/orderer.h"
#include "consensus/engine.h"
#include "native/node/clock.h"
#include "native/node/consensus_status.h"
#include "native/validator/background.h"
#include "native/validator/block_writer.h"
#include "native/validator/final_queue.h"
#include "native/validator/inbox.h"
#include "native/validator/pack_gate.h"
#include "native/validator/pending_blocks.h"
#include "native/validator/transaction_pool.h"
#include "native/validator/transport.h"
#include "native/validator/vote_journal.h"

namespace ashlar::validator {

struct ConsensusOptions {
    std::uint64_t expected_delay_ms = 500;
    std::uint64_t idle_ms = 60'000;
    // How long a client waits for a quorum before it hears `unavailable`.
    std::uint64_t answer_wait_ms = 20'000;
    PoolLimits pool;
};

// Final blocks that wait for their packs; no more are taken from peers above it.
inline constexpr std::size_t kFinalBytesWaitingMax = std::size_t{96} << 20;
inline constexpr std::size_t kFinalBlocksWaitingMax = 1024;
// Own transactions are forwarded again after this, for a message may have been lost.
inline constexpr std::uint64_t kForwardAgainMs = 5'000;
// A block about which the packs' side had too much to do is asked about again after this.
inline constexpr std::chrono::milliseconds kCheckAgain{200};
// Of transactions in one message; one is always sent whole.
inline constexpr std::size_t kForwardedBytesMax = std::size_t{4} << 20;
// So long a finalization waits for something else that goes to everybody: the others mostly have it
// by themselves, and a newer one says all that it does.
inline constexpr std::chrono::milliseconds kFinalizationPatience{5};
// After this in touch with a quorum, whoever is behind has heard of it.
inline constexpr std::chrono::milliseconds kSettleTime{300};
// Blocks that may be on their way into the store while this validator counts as caught up.
inline constexpr std::uint64_t kReadyLagMax = 8;

// What a client is told whose transaction no quorum put into a block in time.
Error late();

class ConsensusOrderer final : public node::WatchedOrderer {
  public:
    struct Parts {
        KeyValue& rows;  // through which blocks are committed
        ledger::ChainId chain;
        crypto::SigningKey key;
        const node::Clock& clock;
        std::unique_ptr<VoteJournal> journal;
        bool journal_lost = false;
        PackGate& gate;
        Transport& transport;
        // Of each block that is committed, before anybody else hears of it; on the writer's thread.
        std::function<void(const chain::FinalizedBlock&)> on_finalized;
        // The store or the journal could not be written, or does not fit what the others agreed on:
        // it has to end the process. Where it returns (in a test), everything is refused from then.
        std::function<void(const Error&)> on_failure;
        // Whatever was in the journal that was lost can matter no more.
        std::function<void()> on_journal_whole;
        // An epoch begins with these; on the orderer's thread.
        std::function<void(const forge::ValidatorSet&)> on_epoch;
    };

    // The store holds a chain. Fails with `corrupt` where its head or the journal does not fit.
    static Expected<std::unique_ptr<ConsensusOrderer>> start(Parts parts,
                                                             const ConsensusOptions& options);
    ~ConsensusOrderer() override;
    ConsensusOrderer(const ConsensusOrderer&) = delete;
    ConsensusOrderer& operator=(const ConsensusOrderer&) = delete;
    // Ends the threads; clients that wait hear `unavailable`. Nothing is sent afterwards.
    void stop();

    void submit(forge::SignedTransaction transaction, Completion completion) override;
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(Observer observer) override;
    // Without `peers`, which is the network's to say.
    node::ConsensusStatus status() const override;
    std::vector<consensus::Evidence> evidence() const override;

    // From the network's thread: messages of the channels below `sync`.
    void on_message(const crypto::PublicKey& from, Bytes message);
    void peers_changed(std::vector<crypto::PublicKey> connected);

  private:
    using TimeUs = consensus::TimeUs;
    using SteadyTime = std::chrono::steady_clock::time_point;

    ConsensusOrderer(Parts parts, const ConsensusOptions& options, chain::ChainTip tip,
                     consensus::Anchor anchor);

    // consensus_orderer.cpp: the thread, and what others call
    void run(consensus::Actions first);
    void turn(std::vector<Inbox::Work>& work);
    std::optional<SteadyTime> wake_at() const;
    TimeUs now_us() const;
    // What is on the disk is in doubt, or wrong.
    void give_up(const Error& error);
    void publish();
    void note_applied(const chain::FinalizedBlock& block);

    // consensus_actions.cpp: what the engine says
    void step(consensus::Event event);
    void execute(consensus::Actions actions);
    void carry_out(consensus::Persist& action);
    void carry_out(consensus::Sync& action);
    void carry_out(consensus::Send& action);
    void carry_out(consensus::SetTimer& action);
    void carry_out(consensus::Build& action);
    void carry_out(consensus::Check& action);
    void carry_out(consensus::Notarized& action);
    void carry_out(consensus::Finalized& action);
    void carry_out(consensus::Serve& action);
    void carry_out(consensus::ReportEvidence& action);
    void carry_out(consensus::Refuse& action);
    void sync_journal();
    void hold(consensus::Send action);
    void release_held();
    void put_out(const consensus::Send& action);
    void send_out();
    void try_checks();
    // Whether the check is done with: answered, or asked of the gate.
    bool try_check(const consensus::Check& check);
    void ask_gate(const consensus::Check& check, PendingBlock& pending);
    void on_checked(const ledger::BlockDigest& digest, Verdict verdict, KeptPacks kept);
    // From any thread: what the block names is stored here, and kept by this.
    void post_stored(const ledger::BlockDigest& digest, KeptPacks kept);
    void keep_packs_of(PendingBlock& pending);
    // A vote of before the start may make a block final yet.
    void keep_voted_for(const std::vector<consensus::Record>& records);
    void hand_over_runs();
    void on_committed(const FinalRun& run);
    void end_epoch(const chain::ExecutedBlock& last);

    // consensus_pool.cpp: transactions
    void take_own(TransactionPool::Entry entry);
    void take_forwarded(TransactionPool::Entry entry);
    void admit_forwarded(const crypto::PublicKey& from, std::vector<Bytes> transactions);
    void ask_ready(TransactionPool::Entry& entry);
    void on_ready(const ledger::TransactionId& id, Verdict verdict, KeptPacks kept);
    void refresh_work();
    void sweep_pool();
    void forward(std::optional<crypto::PublicKey> to, std::vector<Bytes> transactions);
    void forward_new();
    Expected<void> take_room(std::size_t bytes);
    void release_room(std::size_t bytes);
    chain::ChainTip admission_tip() const;

    // What the thread owns.
    Parts parts_;
    const ConsensusOptions options_;
    const consensus::Ed25519Signer signer_;
    const consensus::Ed25519Verifier verifier_;
    const chain::LedgerBlockFormat format_;
    const chain::BlockExecutor executor_;
    consensus::ValidatorSet validators_;
    consensus::Engine engine_;
    PendingBlocks blocks_;
    FinalQueue final_queue_;
    TransactionPool pool_;
    std::deque<consensus::Event> events_;  // for the engine, from this thread
    bool stepping_ = false;
    bool given_up_ = false;
    std::map<ledger::BlockDigest, consensus::Check> checks_;  // that wait for something
    std::map<ledger::BlockDigest, std::shared_ptr<const consensus::Check>> asked_;  // of the gate
    // What blocks in the journal named, until something later is final.
    std::vector<std::pair<consensus::Round, KeptPacks>> kept_since_start_;
    std::vector<peer::OutgoingMessage> out_;       // goes together
    std::vector<consensus::Send> held_;            // until the turn's end
    std::optional<consensus::Send> finalization_;  // the newest, for everybody
    SteadyTime finalization_due_;
    std::uint64_t persisted_ = 0;
    bool sync_due_ = false;
    std::optional<consensus::Round> first_vote_;  // since the start, where the journal was lost
    std::optional<TimeUs> timer_at_;
    std::optional<SteadyTime> check_again_at_;
    std::optional<SteadyTime> forward_again_at_;
    std::vector<Bytes> to_forward_;
    ledger::BlockDigest notarized_;  // the newest
    ledger::Height final_height_;
    std::vector<crypto::PublicKey> connected_;
    bool working_ = false;
    bool work_changed_ = false;
    bool chain_changed_ = false;
    std::map<crypto::PublicKey, std::string> names_;

    // What other threads see.
    mutable std::mutex mutex_;
    chain::ChainTip tip_;  // the last that is committed; its rows are the store's
    std::uint64_t last_finalization_ms_ = 0;
    std::size_t own_count_ = 0;
    std::size_t own_bytes_ = 0;
    std::optional<Error> refusing_;  // why nothing is taken any more
    node::ConsensusStatus status_;
    std::optional<SteadyTime> quorum_since_;
    bool catching_up_ = false;
    std::vector<consensus::Evidence> evidence_;

    node::BlockObservers observers_;
    Inbox inbox_;
    // Of the background's thread: what it has looked at lately, by all of its bytes. (A
    // transaction's id leaves its signature out, and a copy that is badly signed must not hide the
    // good one.)
    std::set<crypto::Digest> seen_;
    SteadyTime seen_since_;
    std::unique_ptr<Background> background_;
    std::unique_ptr<BlockWriter> writer_;
    std::thread thread_;
};

}  // namespace ashlar::validator
