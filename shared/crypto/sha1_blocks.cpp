#include "crypto/sha1_blocks.h"

#include "base/assert.h"

namespace ashlar::crypto::sha1_blocks {

#if defined(__x86_64__)

bool has_sha_instructions() {
    return __builtin_cpu_supports("sha") && __builtin_cpu_supports("ssse3") &&
           __builtin_cpu_supports("sse4.1");
}

bool has_wide_lanes() {
    return has_sha_instructions() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw");
}

#else

bool has_sha_instructions() {
    return false;
}

bool has_wide_lanes() {
    return false;
}

void compress(std::uint32_t*, const std::uint8_t*, std::size_t) {
    ASHLAR_ASSERT(false);
}

void compress_expanding(std::uint32_t*, const std::uint8_t*, std::uint32_t*) {
    ASHLAR_ASSERT(false);
}

std::uint32_t find_suspects(const std::uint8_t*, std::size_t) {
    ASHLAR_ASSERT(false);
    return 0;
}

std::uint32_t compress_looking(std::uint32_t*, const std::uint8_t*, std::uint32_t (*)[5]) {
    ASHLAR_ASSERT(false);
    return 0;
}

#endif

}  // namespace ashlar::crypto::sha1_blocks
