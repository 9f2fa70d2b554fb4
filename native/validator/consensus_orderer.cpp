#include "native/validator/consensus_orderer.h"

#include <algorithm>
#include <utility>

#include "chain/finality.h"
#include "chain/state_reader.h"
#include "codec/transaction.h"
#include "native/validator/anchor.h"

namespace ashlar::validator {
namespace {

Error stopped() {
    return {ErrorCode::unavailable, "the validator is stopping; try again"};
}

consensus::Settings settings_of(const ledger::ChainId& chain, const ConsensusOptions& options,
                                bool journal_lost) {
    consensus::Settings settings;
    settings.chain = chain;
    settings.expected_delay_us = options.expected_delay_ms * 1000;
    settings.idle_us = options.idle_ms * 1000;
    settings.journal_lost = journal_lost;
    return settings;
}

// A transaction on its way to the orderer's thread; whoever waits for it is told if it never gets
// there.
struct Submission {
    TransactionPool::Entry entry;
    explicit Submission(TransactionPool::Entry given) : entry(std::move(given)) {}
    ~Submission() {
        if (entry.completion) entry.completion(Unexpected(stopped()));
    }
    Submission(const Submission&) = delete;
    Submission& operator=(const Submission&) = delete;
};

}  // namespace

ConsensusOrderer::ConsensusOrderer(Parts parts, const ConsensusOptions& options,
                                   chain::ChainTip tip, consensus::Anchor anchor)
    : parts_(std::move(parts)),
      options_(options),
      signer_(parts_.key),
      executor_(parts_.chain),
      validators_(anchor.validators),
      engine_(settings_of(parts_.chain, options, parts_.journal_lost), anchor, &signer_, verifier_,
              format_),
      blocks_(parts_.rows, std::move(tip)),
      final_queue_(blocks_, executor_, parts_.gate,
                   [this](const ledger::BlockDigest& digest, KeptPacks kept) {
                       post_stored(digest, std::move(kept));
                   }),
      pool_(options.pool),
      notarized_(anchor.digest),
      final_height_(anchor.height),
      names_(names_in(parts_.rows)),
      tip_(blocks_.base()),
      seen_since_(std::chrono::steady_clock::now()) {}

Expected<std::unique_ptr<ConsensusOrderer>> ConsensusOrderer::start(
    Parts parts, const ConsensusOptions& options) {
    const std::shared_ptr<const KeyValueReader> rows(std::shared_ptr<void>(), &parts.rows);
    ASHLAR_TRY(auto tip, chain::load_tip(rows));
    ASHLAR_TRY(auto anchor, load_anchor(parts.rows));
    std::unique_ptr<ConsensusOrderer> orderer(
        new ConsensusOrderer(std::move(parts), options, std::move(tip), std::move(anchor)));
    ConsensusOrderer* raw = orderer.get();
    std::vector<consensus::Record> records = raw->parts_.journal->take_records();
    raw->keep_voted_for(records);
    ASHLAR_TRY(auto first, raw->engine_.start(std::move(records), raw->now_us()));
    raw->publish();
    raw->background_ = std::make_unique<Background>();
    raw->writer_ = std::make_unique<BlockWriter>(
        BlockWriter::Parts{raw->parts_.rows,
                           [raw](const chain::FinalizedBlock& block) {
                               raw->parts_.on_finalized(block);
                               raw->note_applied(block);
                           },
                           raw->observers_,
                           [raw](FinalRun run) {
                               auto shared = std::make_shared<const FinalRun>(std::move(run));
                               raw->inbox_.post([raw, shared] { raw->on_committed(*shared); });
                           },
                           [raw](const Error& error) { raw->give_up(error); }});
    raw->thread_ =
        std::thread([raw, actions = std::move(first)]() mutable { raw->run(std::move(actions)); });
    return orderer;
}

ConsensusOrderer::~ConsensusOrderer() {
    stop();
}

void ConsensusOrderer::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (!refusing_) refusing_ = stopped();
    }
    inbox_.close();
    if (thread_.joinable()) thread_.join();
    if (background_) background_->stop();
    if (writer_) writer_->stop();
    for (const Completion& completion : pool_.take_all_completions()) {
        completion(Unexpected(stopped()));
    }
}

void ConsensusOrderer::run(consensus::Actions first) {
    execute(std::move(first));
    std::vector<Inbox::Work> work;
    turn(work);
    while (auto waiting = inbox_.take_until(wake_at())) turn(*waiting);
}

// All that waits is done before anything is synced, so that one sync does for all of it.
void ConsensusOrderer::turn(std::vector<Inbox::Work>& work) {
    for (Inbox::Work& item : work) {
        item();
        item = nullptr;
    }
    forward_new();
    if (timer_at_ && now_us() >= *timer_at_) {
        timer_at_.reset();
        step(consensus::TimerFired{});
    }
    if (check_again_at_ && std::chrono::steady_clock::now() >= *check_again_at_) {
        check_again_at_.reset();
        chain_changed_ = true;
    }
    sweep_pool();
    while (!given_up_ && (chain_changed_ || work_changed_ || sync_due_)) {
        if (std::exchange(chain_changed_, false)) {
            hand_over_runs();
            try_checks();
        }
        if (std::exchange(work_changed_, false)) refresh_work();
        // What need not wait for the sync, a block above all, goes before it.
        if (sync_due_) send_out();
        if (sync_due_) sync_journal();
    }
    release_held();
    send_out();
    publish();
}

std::optional<ConsensusOrderer::SteadyTime> ConsensusOrderer::wake_at() const {
    using std::chrono::duration_cast;
    std::optional<SteadyTime> next;
    const auto consider = [&next](const std::optional<SteadyTime>& time) {
        if (time && (!next || *time < *next)) next = time;
    };
    if (timer_at_) {
        consider(
            SteadyTime(duration_cast<SteadyTime::duration>(std::chrono::microseconds(*timer_at_))));
    }
    consider(check_again_at_);
    if (finalization_) consider(finalization_due_);
    if (pool_.has_own()) consider(forward_again_at_);
    if (const auto sweep = pool_.next_sweep_ms()) {
        const std::uint64_t now = parts_.clock.now_ms();
        const std::uint64_t in_ms = *sweep > now ? *sweep - now : 0;
        consider(std::chrono::steady_clock::now() + std::chrono::milliseconds(in_ms));
    }
    return next;
}

ConsensusOrderer::TimeUs ConsensusOrderer::now_us() const {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<TimeUs>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

// From the orderer's or the writer's thread.
void ConsensusOrderer::give_up(const Error& error) {
    {
        const std::lock_guard lock(mutex_);
        refusing_ = error;
    }
    parts_.on_failure(error);
    inbox_.close();
}

// On the writer's thread: whoever has a receipt finds its block here.
void ConsensusOrderer::note_applied(const chain::FinalizedBlock& block) {
    const std::lock_guard lock(mutex_);
    tip_ = {block.block.header, block.digest, tip_.rows};
    last_finalization_ms_ = parts_.clock.now_ms();
}

void ConsensusOrderer::submit(forge::SignedTransaction transaction, Completion completion) {
    const std::uint64_t now_ms = parts_.clock.now_ms();
    TransactionPool::Entry entry;
    entry.expires_ms = transaction.transaction.expires_ms;
    entry.answer_by_ms = now_ms + options_.answer_wait_ms;
    auto admitted = executor_.admit(admission_tip(), codec::encode(transaction), now_ms);
    if (!admitted) return completion(Unexpected(std::move(admitted).error()));
    entry.transaction = std::move(*admitted);
    const std::size_t bytes = entry.transaction.encoded.size();
    const auto room = take_room(bytes);
    if (!room) return completion(Unexpected(room.error()));
    entry.completion = [this, bytes, waits = std::move(completion)](auto answer) {
        release_room(bytes);
        waits(std::move(answer));
    };
    // What a client of this validator names was stored and checked before.
    entry.ready = true;
    auto submission = std::make_shared<Submission>(std::move(entry));
    inbox_.post([this, submission] { take_own(std::exchange(submission->entry, {})); });
}

Expected<void> ConsensusOrderer::take_room(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (refusing_) return Unexpected(*refusing_);
    const std::size_t bytes_max = options_.pool.own_bytes_max;
    if (own_count_ >= options_.pool.own_count_max ||
        bytes > bytes_max - std::min(own_bytes_, bytes_max)) {
        return fail(ErrorCode::limit_exceeded, "too many transactions wait (" +
                                                   std::to_string(own_count_) +
                                                   "); try again in a moment");
    }
    ++own_count_;
    own_bytes_ += bytes;
    return {};
}

void ConsensusOrderer::release_room(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    --own_count_;
    own_bytes_ -= bytes;
}

chain::ChainTip ConsensusOrderer::admission_tip() const {
    const std::lock_guard lock(mutex_);
    return tip_;
}

std::unique_ptr<chain::Orderer::Subscription> ConsensusOrderer::subscribe(Observer observer) {
    return observers_.subscribe(std::move(observer));
}

void ConsensusOrderer::peers_changed(std::vector<crypto::PublicKey> connected) {
    inbox_.post([this, now_connected = std::move(connected)]() mutable {
        const auto before = std::exchange(connected_, std::move(now_connected));
        // What was forwarded while a peer was away is lost: it hears it again.
        const auto own = pool_.own();
        for (const crypto::PublicKey& peer : connected_) {
            if (std::find(before.begin(), before.end(), peer) == before.end()) forward(peer, own);
        }
        step(consensus::PeersChanged{connected_});
    });
}

std::vector<consensus::Evidence> ConsensusOrderer::evidence() const {
    const std::lock_guard lock(mutex_);
    return evidence_;
}

}  // namespace ashlar::validator
