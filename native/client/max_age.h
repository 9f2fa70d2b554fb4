// How old the newest state that a server shows may be. An idle network makes a block a minute, so
// that a fresh answer can be told from a frozen one.
#pragma once

#include "chain/light_client.h"

namespace ashlar::client {

inline constexpr std::uint64_t kMaxAgeSecondsDefault = 900;

// $ASHLAR_MAX_AGE in seconds, else the default. Fails with `invalid` where it is no number.
Expected<std::uint64_t> max_age_ms_of_environment();

// Fails with `conflict` where the newest header is older.
Expected<void> check_age(const chain::LightClient& light, std::uint64_t now_ms,
                         std::uint64_t max_age_ms);

}  // namespace ashlar::client
