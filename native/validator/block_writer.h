// Commits final blocks, on a thread of its own, so that the next block's votes need not wait for
// the disk. All runs that wait go into one synced commit; then the node's state moves on, then
// observers hear of it, then the clients do.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
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
};

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
    void run();
    bool commit(std::vector<FinalRun>& runs);

    const Parts parts_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<FinalRun> waiting_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace ashlar::validator
