// The Orderer seam: transactions go in, final blocks come out. One validator that finalizes its own
// blocks implements it, and so does consensus among many; nobody above sees which.
#pragma once

#include <functional>
#include <memory>

#include "chain/finality.h"

namespace ashlar::chain {

// What became of a submitted transaction. When it is handed out, the block is final, durable and
// applied here: a read that starts now sees it.
struct Receipt {
    ledger::TransactionId id;
    ledger::Height height;
    ledger::BlockDigest block;
    std::uint32_t index = 0;  // within the block
    std::uint64_t time_ms = 0;
    forge::TransactionResult result;
};

class Orderer {
  public:
    virtual ~Orderer() = default;

    // Called once, from any thread. An error means that the transaction is not known to be final:
    // `invalid`, `unauthenticated` or `already_exists` where it never will be; `limit_exceeded`
    // where too many wait; `unavailable` where no quorum answered before it expired. That the rules
    // refused it is a Receipt, with result.refusal.
    using Completion = std::function<void(Expected<Receipt>)>;
    // From any thread; never blocks. `completion` may run before submit returns.
    virtual void submit(forge::SignedTransaction transaction, Completion completion) = 0;

    // Calls the observer with each block that becomes final from now on, in order, on the
    // orderer's thread; it must not block. Ends when the subscription is destroyed, which waits
    // for a running call.
    using Observer = std::function<void(const FinalizedBlock&)>;
    class Subscription {
      public:
        virtual ~Subscription() = default;
    };
    [[nodiscard]] virtual std::unique_ptr<Subscription> subscribe(Observer observer) = 0;
};

}  // namespace ashlar::chain
