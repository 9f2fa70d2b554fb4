// SHA-1 by the processor's own instructions. This file is compiled for processors that have them:
// it includes nothing whose inline functions others share.
#include "crypto/sha1_blocks.h"
#include "crypto/sha1_rounds.h"

#if defined(__x86_64__)

namespace ashlar::crypto::sha1_blocks {

void compress(std::uint32_t state[5], const std::uint8_t* blocks, std::size_t count) {
    Registers registers = load(state);
    __m128i words[20];
    for (std::size_t i = 0; i < count; ++i) take_block(registers, blocks + i * kBlockSize, words);
    store(state, registers);
}

void compress_expanding(std::uint32_t state[5], const std::uint8_t* block,
                        std::uint32_t expanded[80]) {
    Registers registers = load(state);
    __m128i words[20];
    take_block(registers, block, words);
    store(state, registers);
    for (int i = 0; i < 20; ++i) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(expanded + 4 * i),
                         _mm_shuffle_epi32(words[i], 0x1b));
    }
}

}  // namespace ashlar::crypto::sha1_blocks

#endif
