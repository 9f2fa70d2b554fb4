// Memory that several pieces of work share, so that together they hold no more than one of them
// might alone. shared/ has no threads: its host decides who waits.
#pragma once

#include <cstdint>

namespace ashlar {

class MemoryBudget {
  public:
    virtual ~MemoryBudget() = default;
    // Takes between `least` and `most` bytes, as others leave them, and waits where there are less
    // than `least`; all there is counts as enough. Gives what was taken. Whoever holds some may not
    // take more: two who wait for each other would wait for ever.
    virtual std::uint64_t take(std::uint64_t least, std::uint64_t most) = 0;
    virtual void give_back(std::uint64_t bytes) = 0;
};

// A share of a budget, given back when it goes.
class MemoryShare {
  public:
    // Without a budget it is `most`.
    MemoryShare(MemoryBudget* budget, std::uint64_t least, std::uint64_t most)
        : budget_(budget), bytes_(budget != nullptr ? budget->take(least, most) : most) {}
    ~MemoryShare() {
        if (budget_ != nullptr) budget_->give_back(bytes_);
    }
    MemoryShare(const MemoryShare&) = delete;
    MemoryShare& operator=(const MemoryShare&) = delete;

    std::uint64_t bytes() const { return bytes_; }

  private:
    MemoryBudget* budget_;
    std::uint64_t bytes_;
};

}  // namespace ashlar
