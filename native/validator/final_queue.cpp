#include "native/validator/final_queue.h"

#include <limits>
#include <utility>

#include "codec/block.h"

namespace ashlar::validator {

void FinalQueue::push(consensus::Finalized block) {
    bytes_ += block.block.size();
    waiting_.push_back({std::move(block), false});
}

Expected<std::vector<FinalRun>> FinalQueue::take_complete() {
    ASHLAR_CHECK(run_ahead());
    std::vector<FinalRun> runs;
    for (std::size_t count = complete_run(); count > 0; count = complete_run()) {
        FinalRun run;
        for (std::size_t i = 0; i < count; ++i) {
            Waiting& waiting = waiting_.front();
            bytes_ -= waiting.block.block.size();
            run.blocks.push_back(blocks_.find(waiting.block.summary.digest)->executed);
            if (i + 1 == count) run.finalization = std::move(*waiting.block.finalization);
            waiting_.pop_front();
        }
        runs.push_back(std::move(run));
    }
    return runs;
}

Expected<void> FinalQueue::run_ahead() {
    std::size_t ahead = 0;
    bool in_first_run = true;  // which is run to its end in any case, or it would wait for itself
    for (Waiting& waiting : waiting_) {
        if (!in_first_run && ahead >= kFinalBlocksAheadMax) return {};
        ++ahead;
        if (waiting.block.finalization) in_first_run = false;
        PendingBlock* pending = blocks_.find(waiting.block.summary.digest);
        if (pending == nullptr) {
            const auto parent = blocks_.tip_of(waiting.block.summary.parent);
            if (!parent) return {};
            ASHLAR_TRY(ledger::Block block, codec::decode_block(waiting.block.block));
            auto executed = executor_.check(*parent, std::move(block),
                                            std::numeric_limits<std::uint64_t>::max());
            if (!executed) {
                return fail(
                    ErrorCode::corrupt,
                    "a final block does not fit the state here: " + executed.error().message() +
                        "; restore the data folder from a backup, or delete it to fetch "
                        "everything anew");
            }
            pending = &blocks_.add(std::move(*executed));
        }
        if (!pending->packs_stored) want(waiting, *pending);
    }
    return {};
}

void FinalQueue::want(Waiting& waiting, PendingBlock& pending) {
    if (waiting.wanted) return;
    waiting.wanted = true;
    if (pending.executed->packs.empty()) {
        pending.packs_stored = true;
        return;
    }
    gate_.want(pending.executed->packs, std::nullopt,
               [stored = stored_, digest = pending.executed->digest](KeptPacks kept) {
                   stored(digest, std::move(kept));
               });
}

std::size_t FinalQueue::complete_run() const {
    std::size_t count = 0;
    for (const Waiting& waiting : waiting_) {
        const PendingBlock* pending = blocks_.find(waiting.block.summary.digest);
        if (pending == nullptr || !pending->packs_stored) return 0;
        ++count;
        if (waiting.block.finalization) return count;
    }
    return 0;
}

}  // namespace ashlar::validator
