// ashlar serve: a validator with its HTTP door, until a signal ends it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "git/pack/pack_limits.h"

namespace ashlar::native {

struct ServeOptions {
    std::filesystem::path config;  // of a validator among others; empty: this one is alone
    std::filesystem::path data = "ashlar-data";
    std::string listen = "127.0.0.1:8080";
    std::string public_url;  // in answers; empty: as clients reached us
    bool json = false;
    std::uint32_t housekeeping_seconds = 60;  // between two rounds; 0: none
    // Of what is pushed. What is held whole is bounded by delta_memory_max, see kDeltaMemoryMin.
    git::PackLimits pack_limits;
};

// A base, what a delta makes of it and the delta fit into the memory for deltas, so an object that
// is held whole has at most half of what is above this.
inline constexpr std::uint64_t kDeltaMemorySpare = std::uint64_t{8} << 20;
inline constexpr std::uint64_t kDeltaMemoryMin = std::uint64_t{16} << 20;

// The exit code. Says on standard output when it is ready, on standard error what went wrong.
int serve(const ServeOptions& options);

}  // namespace ashlar::native
