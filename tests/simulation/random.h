// Randomness from one seed, equal on every machine (splitmix64, Steele et al. 2014).
#pragma once

#include <cstdint>

namespace ashlar::simulation {

inline std::uint64_t mix(std::uint64_t value) {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31);
}

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }
    // Below `bound`, which is not 0.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    // From `low` to `high`, both included.
    std::uint64_t between(std::uint64_t low, std::uint64_t high) {
        return low + below(high - low + 1);
    }
    bool chance(std::uint32_t per_million) {
        return per_million != 0 && below(1'000'000) < per_million;
    }

  private:
    std::uint64_t state_;
};

}  // namespace ashlar::simulation
