// Time and chance come from outside, so that a test decides both.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"

namespace ashlar::machine {

class Clock {
  public:
    virtual ~Clock() = default;
    // Milliseconds since 1970, UTC. From any thread; it may jump.
    virtual std::uint64_t now_ms() const = 0;
};

class RandomSource {
  public:
    virtual ~RandomSource() = default;
    // Fills with bytes that nobody can guess. From any thread.
    virtual void fill(std::span<Byte> into) = 0;
};

class SystemClock final : public Clock {
  public:
    std::uint64_t now_ms() const override;
};

// The kernel's, by libsodium.
class SystemRandom final : public RandomSource {
  public:
    SystemRandom();
    void fill(std::span<Byte> into) override;
};

}  // namespace ashlar::machine
