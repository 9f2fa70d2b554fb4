// Final blocks on their way into the store. A validator that was away learns of them faster than
// the packs that they name can come: they wait here, in order, run as far as that helps, until a
// whole run (up to a block with a finalization) has all that it names.
//
// Owned by one thread.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "consensus/action.h"
#include "native/validator/block_writer.h"
#include "native/validator/pack_gate.h"
#include "native/validator/pending_blocks.h"

namespace ashlar::validator {

// Blocks that are final and run, and not committed yet.
inline constexpr std::size_t kFinalBlocksAheadMax = 128;

class FinalQueue {
  public:
    // `stored` is called, on any thread, when all that the block names is durable here, with what
    // keeps it so.
    using Stored = std::function<void(const ledger::BlockDigest&, KeptPacks kept)>;
    FinalQueue(PendingBlocks& blocks, const chain::BlockExecutor& executor, PackGate& gate,
               Stored stored)
        : blocks_(blocks), executor_(executor), gate_(gate), stored_(std::move(stored)) {}

    void push(consensus::Finalized block);
    // Runs what can be run, asks for what is missing, and takes the runs that are complete. Fails
    // where a final block cannot be run here: then the state here is not that of the others.
    Expected<std::vector<FinalRun>> take_complete();

    std::size_t bytes() const { return bytes_; }
    std::size_t size() const { return waiting_.size(); }

  private:
    struct Waiting {
        consensus::Finalized block;
        bool wanted = false;
    };
    Expected<void> run_ahead();
    void want(Waiting& waiting, PendingBlock& pending);
    // How many of the first blocks are a complete run; 0 where they are not.
    std::size_t complete_run() const;

    PendingBlocks& blocks_;
    const chain::BlockExecutor& executor_;
    PackGate& gate_;
    const Stored stored_;
    std::deque<Waiting> waiting_;
    std::size_t bytes_ = 0;
};

}  // namespace ashlar::validator
