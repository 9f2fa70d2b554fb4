// The orderer of a network of one validator: it finalizes its own blocks.
//
// One thread owns the chain. All transactions that wait when it turns to them go into one block;
// block, state, refs, certificate and attached packs are committed in one synced batch, and only
// then does anybody learn of it. A block without transactions is made when nothing else came for
// the time of a heartbeat, so that a reader can tell a fresh answer from a frozen one.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "native/node/block_observers.h"
#include "native/node/clock.h"
#include "native/node/consensus_status.h"

namespace ashlar::node {

struct OrdererOptions {
    std::uint64_t heartbeat_ms = 60'000;
    // Of transactions that wait; more are refused with `limit_exceeded`.
    std::size_t waiting_count_max = 16'384;
    std::size_t waiting_bytes_max = std::size_t{64} << 20;
};

class SoleOrderer final : public WatchedOrderer {
  public:
    // Told of each block when it is final and before anybody else is; on the orderer's thread.
    using OnFinalized = std::function<void(const chain::FinalizedBlock&)>;
    // The store could not be written: what is on the disk is in doubt. It has to end the process;
    // where it returns (in a test), the orderer refuses everything from then on.
    using OnFailure = std::function<void(const Error&)>;

    struct Parts {
        KeyValue& rows;
        ledger::ChainId chain;
        crypto::SigningKey key;
        const Clock& clock;
        OnFinalized on_finalized;
        OnFailure on_failure;
    };

    // The store holds a chain. Fails where its head does not fit together.
    static Expected<std::unique_ptr<SoleOrderer>> start(Parts parts, OrdererOptions options);
    // Refuses what waits with `unavailable`, and waits for the block under way.
    ~SoleOrderer() override;
    SoleOrderer(const SoleOrderer&) = delete;
    SoleOrderer& operator=(const SoleOrderer&) = delete;

    void submit(forge::SignedTransaction transaction, Completion completion) override;
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(Observer observer) override;
    ConsensusStatus status() const override;
    std::vector<consensus::Evidence> evidence() const override { return {}; }

  private:
    struct Waiting {
        chain::PendingTransaction transaction;
        Completion completion;
    };
    using Dropped = std::vector<std::pair<ledger::TransactionId, Error>>;

    SoleOrderer(Parts parts, OrdererOptions options, chain::ChainTip tip);
    Expected<void> check_room(std::size_t bytes) const;  // with mutex_ held
    Expected<chain::PendingTransaction> admit(Bytes encoded) const;
    void run();
    // Nothing when it is time to stop.
    std::optional<std::vector<Waiting>> wait_for_work();
    // Fails where the store does, which is then in doubt.
    Expected<void> make_block(std::vector<Waiting>& batch);
    Expected<chain::FinalizedBlock> finalize(chain::ExecutedBlock executed);
    void answer(const chain::FinalizedBlock& block, const Dropped& dropped,
                std::vector<Waiting>& batch);
    void hand_over();
    void stop_on(const Error& error, std::vector<Waiting>& batch);

    const Parts parts_;
    const OrdererOptions options_;
    const chain::BlockExecutor executor_;
    BlockObservers observers_;

    mutable std::mutex mutex_;
    chain::ChainTip tip_;  // written by the orderer's thread alone
    std::condition_variable wake_;
    std::deque<Waiting> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool stopping_ = false;
    std::optional<Error> failed_;
    std::uint64_t last_finalization_ms_ = 0;
    std::thread thread_;
};

}  // namespace ashlar::node
