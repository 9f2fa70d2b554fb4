#include "native/machine/clock.h"

#include <sodium.h>

#include <chrono>

#include "base/assert.h"

namespace ashlar::machine {

std::uint64_t SystemClock::now_ms() const {
    const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count());
}

SystemRandom::SystemRandom() {
    ASHLAR_ASSERT(sodium_init() >= 0);
}

void SystemRandom::fill(std::span<Byte> into) {
    randombytes_buf(into.data(), into.size());
}

}  // namespace ashlar::machine
