// One block of SHA-1 by the processor's own instructions (Intel, "Intel SHA Extensions", 2013).
// Only for files that are compiled for processors that have them: there is nothing here elsewhere,
// and what is here is each file's own.
#pragma once

#if defined(__SHA__) && defined(__SSE4_1__)

#include <immintrin.h>

#include "crypto/sha1_blocks.h"

namespace ashlar::crypto::sha1_blocks {
namespace {

// The first word of four in the highest lane, as the instructions want it.
inline __m128i load_words(const std::uint8_t* from) {
    const __m128i order = _mm_set_epi64x(0x0001020304050607LL, 0x08090a0b0c0d0e0fLL);
    return _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)), order);
}

// Four rounds of the kind that kFunction names. `previous` is the state before the last four.
template <int kFunction>
inline void four_rounds(__m128i& abcd, __m128i& previous, __m128i words) {
    __m128i e_and_words = _mm_sha1nexte_epu32(previous, words);
    previous = abcd;
    abcd = _mm_sha1rnds4_epu32(abcd, e_and_words, kFunction);
}

inline void expand(__m128i words[20]) {
#pragma GCC unroll 16
    for (int i = 4; i < 20; ++i) {
        __m128i mixed = _mm_xor_si128(_mm_sha1msg1_epu32(words[i - 4], words[i - 3]), words[i - 2]);
        words[i] = _mm_sha1msg2_epu32(mixed, words[i - 1]);
    }
}

struct Registers {
    __m128i abcd;
    __m128i e;  // in the highest lane
};

inline Registers load(const std::uint32_t state[5]) {
    __m128i abcd = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state));
    return {_mm_shuffle_epi32(abcd, 0x1b), _mm_set_epi32(static_cast<int>(state[4]), 0, 0, 0)};
}

inline void store(std::uint32_t state[5], const Registers& registers) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(state), _mm_shuffle_epi32(registers.abcd, 0x1b));
    state[4] = static_cast<std::uint32_t>(_mm_extract_epi32(registers.e, 3));
}

inline void take_block(Registers& registers, const std::uint8_t* block, __m128i words[20]) {
    for (int i = 0; i < 4; ++i) words[i] = load_words(block + 16 * i);
    expand(words);
    __m128i abcd = registers.abcd;
    __m128i previous = abcd;
    abcd = _mm_sha1rnds4_epu32(abcd, _mm_add_epi32(registers.e, words[0]), 0);
#pragma GCC unroll 4
    for (int i = 1; i < 5; ++i) four_rounds<0>(abcd, previous, words[i]);
#pragma GCC unroll 5
    for (int i = 5; i < 10; ++i) four_rounds<1>(abcd, previous, words[i]);
#pragma GCC unroll 5
    for (int i = 10; i < 15; ++i) four_rounds<2>(abcd, previous, words[i]);
#pragma GCC unroll 5
    for (int i = 15; i < 20; ++i) four_rounds<3>(abcd, previous, words[i]);
    registers.e = _mm_sha1nexte_epu32(previous, registers.e);
    registers.abcd = _mm_add_epi32(abcd, registers.abcd);
}

}  // namespace
}  // namespace ashlar::crypto::sha1_blocks

#endif
