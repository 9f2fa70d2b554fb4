#include "native/validator/block_writer.h"

#include <algorithm>
#include <utility>

namespace ashlar::validator {

BlockWriter::BlockWriter(Parts parts) : parts_(std::move(parts)), thread_([this] { run(); }) {}

BlockWriter::~BlockWriter() {
    stop();
}

void BlockWriter::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void BlockWriter::write(FinalRun run) {
    {
        const std::lock_guard lock(mutex_);
        waiting_.push_back(std::move(run));
    }
    wake_.notify_one();
}

std::optional<std::vector<FinalRun>> BlockWriter::wait_for_runs() {
    std::unique_lock lock(mutex_);
    const auto has_news = [this] { return stopping_ || !waiting_.empty(); };
    if (unsynced_runs_ == 0) {
        wake_.wait(lock, has_news);
    } else {
        wake_.wait_until(lock, unsynced_since_ + kUnsyncedTimeMax, has_news);
    }
    if (stopping_ && waiting_.empty() && unsynced_runs_ == 0) return std::nullopt;
    return std::exchange(waiting_, {});
}

void BlockWriter::run() {
    while (auto runs = wait_for_runs()) {
        if (!commit(*runs)) return;
    }
}

bool BlockWriter::must_sync(const std::vector<FinalRun>& runs) const {
    if (unsynced_runs_ + runs.size() > kUnsyncedRunsMax) return true;
    if (unsynced_runs_ > 0 &&
        std::chrono::steady_clock::now() >= unsynced_since_ + kUnsyncedTimeMax) {
        return true;
    }
    return runs.empty() || std::any_of(runs.begin(), runs.end(),
                                       [](const FinalRun& run) { return !run.answers.empty(); });
}

// Whether it was written; whoever waits is told where it was not.
bool BlockWriter::write_rows(const WriteBatch& batch, bool synced, std::vector<FinalRun>& runs) {
    const auto committed =
        parts_.rows.commit(batch, synced ? Durability::synced : Durability::buffered);
    if (committed) return true;
    const Error reason = {ErrorCode::unavailable,
                          "the validator could not store a block: " + committed.error().message()};
    parts_.on_failure(reason);
    for (FinalRun& run : runs) {
        for (auto& [completion, receipt] : run.answers) completion(Unexpected(reason));
    }
    return false;
}

bool BlockWriter::commit(std::vector<FinalRun>& runs) {
    WriteBatch batch;
    for (const FinalRun& run : runs) {
        for (const auto& block : run.blocks) {
            std::optional<consensus::Certificate> certificate;
            if (block == run.blocks.back()) certificate = run.finalization;
            batch.append(chain::finalize_batch(*block, certificate));
        }
    }
    const bool synced = must_sync(runs);
    if (!write_rows(batch, synced, runs)) return false;
    if (unsynced_runs_ == 0) unsynced_since_ = std::chrono::steady_clock::now();
    unsynced_runs_ = synced ? 0 : unsynced_runs_ + runs.size();
    if (!runs.empty()) written_ = runs.back().finalization.subject.round();
    if (synced) durable_ = written_;
    for (FinalRun& run : runs) {
        run.durable = durable_;
        for (const auto& block : run.blocks) {
            chain::FinalizedBlock finalized{block->block, block->digest, block->transaction_ids,
                                            block->results, std::nullopt};
            if (block == run.blocks.back()) finalized.finalization = run.finalization;
            parts_.on_finalized(finalized);
            parts_.observers.tell(finalized);
        }
        for (auto& [completion, receipt] : run.answers) completion(std::move(receipt));
        run.answers.clear();
        parts_.on_committed(std::move(run));
    }
    return true;
}

}  // namespace ashlar::validator
