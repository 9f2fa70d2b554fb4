// One budget of memory for all pushes that a node receives at once. Who does not fit waits, in the
// order of arrival; what a push takes beyond its need is at most half of what is free, so that the
// next ones fit too.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/memory_budget.h"

namespace ashlar::node {

class SharedMemoryBudget final : public MemoryBudget {
  public:
    explicit SharedMemoryBudget(std::uint64_t bytes_max)
        : bytes_max_(bytes_max), free_(bytes_max) {}

    std::uint64_t take(std::uint64_t least, std::uint64_t most) override {
        least = std::min(least, bytes_max_);
        std::unique_lock lock(mutex_);
        const std::uint64_t ticket = next_ticket_++;
        changed_.wait(lock, [&] { return ticket == served_ && free_ >= least; });
        ++served_;
        const std::uint64_t taken = std::min(std::max(least, free_ / 2), std::max(least, most));
        free_ -= taken;
        changed_.notify_all();
        return taken;
    }

    void give_back(std::uint64_t bytes) override {
        const std::lock_guard lock(mutex_);
        free_ += bytes;
        changed_.notify_all();
    }

    std::uint64_t free_bytes() const {
        const std::lock_guard lock(mutex_);
        return free_;
    }

  private:
    const std::uint64_t bytes_max_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t free_;
    std::uint64_t next_ticket_ = 0;
    std::uint64_t served_ = 0;  // the ticket whose turn it is
};

}  // namespace ashlar::node
