// Ids and counters that are types: a Height is not a View, and neither is an integer.
#pragma once

#include <compare>
#include <cstdint>

namespace ashlar {

template <typename Tag>
struct StrongId {
    std::uint64_t value = 0;

    constexpr StrongId() = default;
    constexpr explicit StrongId(std::uint64_t number) : value(number) {}
    constexpr StrongId next() const { return StrongId(value + 1); }
    friend constexpr bool operator==(const StrongId&, const StrongId&) = default;
    friend constexpr std::strong_ordering operator<=>(const StrongId&, const StrongId&) = default;
};

}  // namespace ashlar
