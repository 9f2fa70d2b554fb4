#include "native/validator/block_writer.h"

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

void BlockWriter::run() {
    while (true) {
        std::vector<FinalRun> runs;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            runs.swap(waiting_);
        }
        if (runs.empty()) return;
        if (!commit(runs)) return;
    }
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
    const auto committed = parts_.rows.commit(batch, Durability::synced);
    if (!committed) {
        const Error reason = {ErrorCode::unavailable, "the validator could not store a block: " +
                                                          committed.error().message()};
        parts_.on_failure(reason);
        for (FinalRun& run : runs) {
            for (auto& [completion, receipt] : run.answers) completion(Unexpected(reason));
        }
        return false;
    }
    for (FinalRun& run : runs) {
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
