#include "support/fault_plan.h"

#include "base/assert.h"

namespace ashlar::support {

void FaultPlan::arm(Fate fate, std::uint64_t step) {
    const std::lock_guard lock(mutex_);
    steps_ = 0;
    armed_step_ = step;
    armed_fate_ = fate;
}

Fate FaultPlan::next() {
    const std::lock_guard lock(mutex_);
    ++steps_;
    if (armed_fate_ == Fate::passes || steps_ < armed_step_) return Fate::passes;
    if (armed_fate_ == Fate::fails && steps_ > armed_step_) return Fate::passes;
    if (armed_fate_ == Fate::crashes && steps_ > armed_step_) return Fate::stopped;
    return armed_fate_;
}

std::uint64_t FaultPlan::steps() const {
    const std::lock_guard lock(mutex_);
    return steps_;
}

bool FaultPlan::crashed() const {
    const std::lock_guard lock(mutex_);
    return armed_fate_ == Fate::crashes && steps_ >= armed_step_;
}

std::uint64_t FaultPlan::random_below(std::uint64_t bound) {
    ASHLAR_ASSERT(bound > 0);
    const std::lock_guard lock(mutex_);
    // SplitMix64 (Steele, Lea and Flood, 2014): the same numbers on every platform.
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    return (mixed ^ (mixed >> 31)) % bound;
}

}  // namespace ashlar::support
