// SHA-1's compression on processors that have instructions for it, and the search for blocks that
// may be part of a collision attack, sixteen at a time. Inside crypto only; where the processor
// lacks the instructions, Sha1 goes by the portable library alone.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ashlar::crypto::sha1_blocks {

inline constexpr std::size_t kBlockSize = 64;
inline constexpr std::size_t kLaneCount = 16;

// Whether this processor has SHA instructions; whether it has AVX-512 as well.
bool has_sha_instructions();
bool has_wide_lanes();

// Takes in whole blocks. Needs has_sha_instructions().
void compress(std::uint32_t state[5], const std::uint8_t* blocks, std::size_t count);
// Takes in one block, and gives its expanded message.
void compress_expanding(std::uint32_t state[5], const std::uint8_t* block,
                        std::uint32_t expanded[80]);

// Looks at up to sixteen blocks at once: bit i of the result is set where block i meets the
// unavoidable conditions of some disturbance vector. Needs has_wide_lanes().
std::uint32_t find_suspects(const std::uint8_t* blocks, std::size_t count);

// Takes in sixteen blocks and looks at them meanwhile: `before` becomes the state before each, for
// a closer look at suspects. Needs has_wide_lanes().
std::uint32_t compress_looking(std::uint32_t state[5], const std::uint8_t* blocks,
                               std::uint32_t before[kLaneCount][5]);

}  // namespace ashlar::crypto::sha1_blocks
