// A generator whose numbers follow from its seed alone, the same natively and under node
// (SplitMix64, Steele, Lea and Flood 2014).
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace ashlar::support {

class SeededRandom {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15u;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
        return mixed ^ (mixed >> 31);
    }
    // From 0 to limit - 1.
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    bool one_in(std::uint64_t count) { return below(count) == 0; }
    Bytes bytes(std::size_t count) {
        Bytes result;
        while (result.size() < count) result.push_back(static_cast<Byte>(next() & 0xff));
        return result;
    }
    template <typename T>
    void shuffle(std::vector<T>& items) {
        for (std::size_t i = items.size(); i > 1; --i) {
            std::swap(items[i - 1], items[static_cast<std::size_t>(below(i))]);
        }
    }

  private:
    std::uint64_t state_;
};

}  // namespace ashlar::support
