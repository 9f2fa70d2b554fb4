// Commits final blocks, on a thread of its own, so that the next block's votes need not wait for
// the disk. All runs that wait go into one commit; then the node's state moves on, then observers
// hear of it, then the clients do.
//
// The commit is synced where a client waits for an answer. Elsewhere a block is as safe as a quorum
// of journals makes it, this validator's among them: it is synced a moment later, or with the next
// that is, and until then nothing that leads to it may leave the journal (FinalRun::durable).
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "chain/block_executor.h"
#include "chain/orderer.h"
#include "native/node/block_observers.h"

namespace ashlar::validator {

// Blocks of consecutive heights, the last of which the certificate finalizes; so the store's head
// always has a certificate.
struct FinalRun {
    std::vector<std::shared_ptr<const chain::ExecutedBlock>> blocks;
    consensus::Certificate finalization;
    std::vector<std::pair<chain::Orderer::Completion, chain::Receipt>> answers;
    // When it was committed, the newest round up to which the store was synced.
    std::optional<consensus::Round> durable;
};

// So long, and for so many runs, a block that nobody waits for may be unsynced.
inline constexpr std::chrono::milliseconds kUnsyncedTimeMax{500};
inline constexpr std::size_t kUnsyncedRunsMax = 64;

class BlockWriter {
  public:
    struct Parts {
        KeyValue& rows;
        // In this order, for each block, on the writer's thread.
        std::function<void(const chain::FinalizedBlock&)> on_finalized;
        node::BlockObservers& observers;
        // After the above, for each run.
        std::function<void(FinalRun)> on_committed;
        // The store could not be written; nothing is written afterwards.
        std::function<void(const Error&)> on_failure;
    };

    explicit BlockWriter(Parts parts);
    // What was handed over is written first.
    ~BlockWriter();
    BlockWriter(const BlockWriter&) = delete;
    BlockWriter& operator=(const BlockWriter&) = delete;

    void write(FinalRun run);
    void stop();

  private:
    // Nothing once it is time to stop; no runs once what is unsynced has to be synced.
    std::optional<std::vector<FinalRun>> wait_for_runs();
    void run();
    bool commit(std::vector<FinalRun>& runs);
    bool must_sync(const std::vector<FinalRun>& runs) const;
    bool write_rows(const WriteBatch& batch, bool synced, std::vector<FinalRun>& runs);

    const Parts parts_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<FinalRun> waiting_;
    bool stopping_ = false;
    // Of the thread.
    std::size_t unsynced_runs_ = 0;
    std::optional<consensus::Round> written_;
    std::optional<consensus::Round> durable_;
    std::chrono::steady_clock::time_point unsynced_since_;
    std::thread thread_;
};

}  // namespace ashlar::validator
