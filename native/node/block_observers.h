// Those who are told of each final block, for whoever implements chain::Orderer.
#pragma once

#include <list>
#include <memory>
#include <mutex>

#include "chain/orderer.h"

namespace ashlar::node {

class BlockObservers {
  public:
    BlockObservers();
    // As chain::Orderer::subscribe; the subscription may outlive this.
    [[nodiscard]] std::unique_ptr<chain::Orderer::Subscription> subscribe(
        chain::Orderer::Observer observer);
    // On the one thread on which blocks become final.
    void tell(const chain::FinalizedBlock& block);

  private:
    struct List {
        std::mutex mutex;  // held while an observer runs
        std::list<chain::Orderer::Observer> observers;
    };
    class Handle;

    std::shared_ptr<List> list_;
};

}  // namespace ashlar::node
