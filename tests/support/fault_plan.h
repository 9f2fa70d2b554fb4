// When a machine fails: one plan is shared by every faulty peer of one machine, counts the writes
// and syncs of them all, and decides the fate of each. Everything that is left to chance comes
// from the seed, which a failing test prints.
#pragma once

#include <cstdint>
#include <mutex>

namespace ashlar::support {

enum class Fate {
    passes,
    fails,    // this one is refused, as by a broken medium
    full,     // refused for lack of space, as is every later one until there is space again
    crashes,  // the machine stops: this one may have happened or not
    stopped,  // it came after a crash, and does not happen
};

class FaultPlan {
  public:
    explicit FaultPlan(std::uint64_t seed) : seed_(seed), state_(seed) {}

    std::uint64_t seed() const { return seed_; }

    // Steps count from 1, from the last call of one of these three or of restart() on.
    void crash_at(std::uint64_t step) { arm(Fate::crashes, step); }
    void fail_at(std::uint64_t step) { arm(Fate::fails, step); }
    void fill_at(std::uint64_t step) { arm(Fate::full, step); }
    // No faults from here on; a crashed machine runs again.
    void restart() { arm(Fate::passes, 0); }

    Fate next();
    std::uint64_t steps() const;
    bool crashed() const;
    // A number below `bound`, which is not 0.
    std::uint64_t random_below(std::uint64_t bound);

  private:
    void arm(Fate fate, std::uint64_t step);

    mutable std::mutex mutex_;
    const std::uint64_t seed_;
    std::uint64_t state_;
    std::uint64_t steps_ = 0;
    std::uint64_t armed_step_ = 0;
    Fate armed_fate_ = Fate::passes;
};

}  // namespace ashlar::support
