// The channels of a connection between two validators. Each has its own queue, size and rate, and
// a lower one goes first: a pack that is being sent never delays a vote.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ashlar::peer {

// The numbers are sent: they never change.
enum class Channel : std::uint8_t {
    votes = 0,
    certificates = 1,
    resolver = 2,
    broadcast = 3,
    sync = 4
};

inline constexpr std::size_t kChannelCount = 5;

struct ChannelLimits {
    std::size_t message_bytes_max;         // of one message, whole
    std::size_t queue_bytes_max;           // waiting to be sent to one peer; more is dropped
    std::size_t receive_bytes_per_second;  // above it the peer is read more slowly
};

inline constexpr std::size_t kMebibyte = std::size_t{1} << 20;

inline constexpr std::array<ChannelLimits, kChannelCount> kChannelLimits = {{
    {4 * 1024, kMebibyte, 4 * kMebibyte},
    {256 * 1024, 4 * kMebibyte, 16 * kMebibyte},
    {40 * kMebibyte, 80 * kMebibyte, 200 * kMebibyte},
    {40 * kMebibyte, 80 * kMebibyte, 200 * kMebibyte},
    {2 * kMebibyte, 16 * kMebibyte, 1000 * kMebibyte},
}};

inline constexpr const ChannelLimits& limits_of(Channel channel) {
    return kChannelLimits[static_cast<std::size_t>(channel)];
}

}  // namespace ashlar::peer
