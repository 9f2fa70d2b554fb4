#include "native/node/sole_orderer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "codec/transaction.h"

namespace ashlar::node {
namespace {

// The rows as something that can be held; the store outlives the orderer.
std::shared_ptr<const KeyValueReader> not_owned(const KeyValue& rows) {
    return {std::shared_ptr<void>(), &rows};
}

Error handed_over() {
    return {ErrorCode::unavailable,
            "other validators decide in this network now, and this one alone cannot; start it "
            "again to take part"};
}

Error stopped() {
    return {ErrorCode::unavailable, "the validator is stopping; try again"};
}

}  // namespace

SoleOrderer::SoleOrderer(Parts parts, OrdererOptions options, chain::ChainTip tip)
    : parts_(std::move(parts)), options_(options), executor_(parts_.chain), tip_(std::move(tip)) {
    thread_ = std::thread([this] { run(); });
}

Expected<std::unique_ptr<SoleOrderer>> SoleOrderer::start(Parts parts, OrdererOptions options) {
    ASHLAR_TRY(auto tip, chain::load_tip(not_owned(parts.rows)));
    return std::unique_ptr<SoleOrderer>(new SoleOrderer(std::move(parts), options, std::move(tip)));
}

SoleOrderer::~SoleOrderer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
    for (Waiting& waiting : waiting_) waiting.completion(Unexpected(stopped()));
}

void SoleOrderer::submit(forge::SignedTransaction transaction, Completion completion) {
    auto admitted = admit(codec::encode(transaction));
    if (!admitted) return completion(Unexpected(std::move(admitted).error()));
    {
        std::unique_lock lock(mutex_);
        auto room = check_room(admitted->encoded.size());
        if (!room) {
            lock.unlock();
            return completion(Unexpected(std::move(room).error()));
        }
        waiting_bytes_ += admitted->encoded.size();
        waiting_.push_back({std::move(*admitted), std::move(completion)});
    }
    wake_.notify_one();
}

Expected<chain::PendingTransaction> SoleOrderer::admit(Bytes encoded) const {
    chain::ChainTip tip;
    {
        const std::lock_guard lock(mutex_);
        tip = tip_;
    }
    return executor_.admit(tip, std::move(encoded), parts_.clock.now_ms());
}

Expected<void> SoleOrderer::check_room(std::size_t bytes) const {
    if (stopping_) return Unexpected(stopped());
    if (failed_) return Unexpected(*failed_);
    if (waiting_.size() >= options_.waiting_count_max ||
        bytes > options_.waiting_bytes_max - std::min(waiting_bytes_, options_.waiting_bytes_max)) {
        return fail(ErrorCode::limit_exceeded, "too many transactions wait (" +
                                                   std::to_string(waiting_.size()) +
                                                   "); try again in a moment");
    }
    return {};
}

std::unique_ptr<chain::Orderer::Subscription> SoleOrderer::subscribe(Observer observer) {
    return observers_.subscribe(std::move(observer));
}

ConsensusStatus SoleOrderer::status() const {
    const std::lock_guard lock(mutex_);
    ConsensusStatus status;
    status.epoch = tip_.header.epoch;
    status.view = ledger::View(tip_.header.height.value + 1);
    status.leader = parts_.key.public_key();
    status.final_height = tip_.header.height;
    status.applied_height = tip_.header.height;
    status.applied_digest = tip_.digest;
    status.applied_block_ms = tip_.header.time_ms;
    status.last_finalization_ms = last_finalization_ms_;
    status.waiting_transactions = waiting_.size();
    ValidatorStatus self;
    self.key = parts_.key.public_key();
    self.last_vote = ledger::View(tip_.header.height.value);
    self.health = ValidatorHealth::voting;
    self.is_self = true;
    self.connected = true;
    status.validators.push_back(std::move(self));
    status.ready = !failed_;
    if (failed_) status.why_not_ready = failed_->detail;
    return status;
}

void SoleOrderer::run() {
    while (true) {
        if (tip_.header.next_validators) return hand_over();
        auto batch = wait_for_work();
        if (!batch) return;
        auto made = make_block(*batch);
        if (!made) return stop_on(made.error(), *batch);
    }
}

// What waits, as much as one block may hold; nothing of it when a heartbeat is due.
std::optional<std::vector<SoleOrderer::Waiting>> SoleOrderer::wait_for_work() {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::milliseconds(options_.heartbeat_ms),
                   [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return std::nullopt;
    std::vector<Waiting> batch;
    std::size_t bytes = 0;
    while (!waiting_.empty() && batch.size() < ledger::kTransactionsPerBlockMax) {
        const std::size_t size = waiting_.front().transaction.encoded.size();
        if (!batch.empty() && bytes + size > ledger::kBlockBytesMax) break;
        bytes += size;
        waiting_bytes_ -= size;
        batch.push_back(std::move(waiting_.front()));
        waiting_.pop_front();
    }
    return batch;
}

Expected<void> SoleOrderer::make_block(std::vector<Waiting>& batch) {
    std::vector<chain::PendingTransaction> pending;
    pending.reserve(batch.size());
    for (const Waiting& waiting : batch) pending.push_back(waiting.transaction);
    ASHLAR_TRY(auto built, executor_.build(tip_, pending, parts_.clock.now_ms()));
    chain::FinalizedBlock finalized;
    // Nothing but dropped transactions is no reason for a block.
    if (!built.executed.transaction_ids.empty() || batch.empty()) {
        ASHLAR_TRY(finalized, finalize(std::move(built.executed)));
    }
    answer(finalized, built.dropped, batch);
    return {};
}

Expected<chain::FinalizedBlock> SoleOrderer::finalize(chain::ExecutedBlock executed) {
    const ledger::BlockHeader& header = executed.block.header;
    // Each block is decided in a view of its own, the first one tried.
    auto certificate = chain::finalize_alone(header, executed.digest,
                                             ledger::View(header.height.value), parts_.key);
    ASHLAR_CHECK(
        parts_.rows.commit(chain::finalize_batch(executed, certificate), Durability::synced));
    {
        const std::lock_guard lock(mutex_);
        tip_ = {header, executed.digest, not_owned(parts_.rows)};
        last_finalization_ms_ = parts_.clock.now_ms();
    }
    chain::FinalizedBlock finalized{std::move(executed.block), executed.digest,
                                    std::move(executed.transaction_ids),
                                    std::move(executed.results), std::move(certificate)};
    parts_.on_finalized(finalized);
    observers_.tell(finalized);
    return finalized;
}

void SoleOrderer::answer(const chain::FinalizedBlock& block, const Dropped& dropped,
                         std::vector<Waiting>& batch) {
    // Of two that are one transaction the first to wait is the one in the block.
    const auto take = [&batch](const ledger::TransactionId& id) -> Completion {
        const auto found = std::find_if(batch.begin(), batch.end(), [&id](const Waiting& waiting) {
            return waiting.completion && waiting.transaction.id == id;
        });
        return found == batch.end() ? Completion() : std::exchange(found->completion, nullptr);
    };
    for (std::size_t i = 0; i < block.transaction_ids.size(); ++i) {
        const auto completion = take(block.transaction_ids[i]);
        if (!completion) continue;
        completion(chain::Receipt{block.transaction_ids[i], block.block.header.height, block.digest,
                                  static_cast<std::uint32_t>(i), block.block.header.time_ms,
                                  block.results[i]});
    }
    for (const auto& [id, reason] : dropped) {
        const auto completion = take(id);
        if (completion) completion(Unexpected(reason));
    }
    // What did not fit comes first next time.
    const std::lock_guard lock(mutex_);
    for (auto waiting = batch.rbegin(); waiting != batch.rend(); ++waiting) {
        if (!waiting->completion) continue;
        waiting_bytes_ += waiting->transaction.encoded.size();
        waiting_.push_front(std::move(*waiting));
    }
}

// The last block named other validators: what this one signs alone counts no more.
void SoleOrderer::hand_over() {
    std::deque<Waiting> refused;
    {
        const std::lock_guard lock(mutex_);
        failed_ = handed_over();
        refused.swap(waiting_);
        waiting_bytes_ = 0;
    }
    for (Waiting& waiting : refused) waiting.completion(Unexpected(handed_over()));
}

void SoleOrderer::stop_on(const Error& error, std::vector<Waiting>& batch) {
    const Error reason = {ErrorCode::unavailable,
                          "the validator could not store a block: " + error.message()};
    std::vector<Waiting> refused = std::move(batch);
    {
        const std::lock_guard lock(mutex_);
        failed_ = reason;
        for (Waiting& waiting : waiting_) refused.push_back(std::move(waiting));
        waiting_.clear();
        waiting_bytes_ = 0;
    }
    parts_.on_failure(reason);
    for (Waiting& waiting : refused) {
        if (waiting.completion) waiting.completion(Unexpected(reason));
    }
}

}  // namespace ashlar::node
