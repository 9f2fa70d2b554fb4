// The conditions of a collision attack for sixteen blocks at once: they depend on the message only,
// not on the state before it. Compiled for AVX-512: it includes nothing whose inline functions
// others share.
#include "crypto/sha1_blocks.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include "crypto/sha1_conditions.h"
#include "crypto/sha1_rounds.h"

namespace ashlar::crypto::sha1_blocks {
namespace {

// Rows of sixteen words become columns: afterwards words[i] holds word i of each block.
inline void transpose(__m512i rows[16]) {
    __m512i pairs[16];
#pragma GCC unroll 8
    for (int i = 0; i < 16; i += 2) {
        pairs[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    __m512i quads[16];
#pragma GCC unroll 4
    for (int i = 0; i < 16; i += 4) {
        quads[i] = _mm512_unpacklo_epi64(pairs[i], pairs[i + 2]);
        quads[i + 1] = _mm512_unpackhi_epi64(pairs[i], pairs[i + 2]);
        quads[i + 2] = _mm512_unpacklo_epi64(pairs[i + 1], pairs[i + 3]);
        quads[i + 3] = _mm512_unpackhi_epi64(pairs[i + 1], pairs[i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
        __m512i low_even = _mm512_shuffle_i32x4(quads[i], quads[i + 4], 0x88);
        __m512i low_odd = _mm512_shuffle_i32x4(quads[i], quads[i + 4], 0xdd);
        __m512i high_even = _mm512_shuffle_i32x4(quads[i + 8], quads[i + 12], 0x88);
        __m512i high_odd = _mm512_shuffle_i32x4(quads[i + 8], quads[i + 12], 0xdd);
        rows[i] = _mm512_shuffle_i32x4(low_even, high_even, 0x88);
        rows[i + 8] = _mm512_shuffle_i32x4(low_even, high_even, 0xdd);
        rows[i + 4] = _mm512_shuffle_i32x4(low_odd, high_odd, 0x88);
        rows[i + 12] = _mm512_shuffle_i32x4(low_odd, high_odd, 0xdd);
    }
}

inline void load(const std::uint8_t* blocks, std::size_t count, __m512i words[16]) {
    const __m512i order = _mm512_set4_epi32(0x0c0d0e0f, 0x08090a0b, 0x04050607, 0x00010203);
    for (std::size_t i = 0; i < kLaneCount; ++i) {
        // Lanes without a block repeat the first.
        const std::uint8_t* block = blocks + (i < count ? i : 0) * kBlockSize;
        words[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(block), order);
    }
    transpose(words);
}

inline void expand(__m512i words[kSha1ConditionWordEnd], int begin, int end) {
#pragma GCC unroll 7
    for (int i = begin; i < end; ++i) {
        __m512i sum = _mm512_ternarylogic_epi32(words[i - 3], words[i - 8], words[i - 14], 0x96);
        words[i] = _mm512_rol_epi32(_mm512_xor_si512(sum, words[i - 16]), 1);
    }
}

// All of it is known when this is compiled, so each condition is four instructions.
template <int kNumber>
inline void check_condition(const __m512i words[kSha1ConditionWordEnd], __m512i& possible) {
    constexpr Sha1Condition kCondition = kSha1Conditions[kNumber];
    constexpr int kShift = kCondition.second_bit - kCondition.first_bit;
    __m512i second = words[kCondition.second_word];
    if constexpr (kShift > 0) second = _mm512_srli_epi32(second, kShift);
    if constexpr (kShift < 0) second = _mm512_slli_epi32(second, -kShift);
    __m512i sum = _mm512_xor_si512(words[kCondition.first_word], second);
    __m512i bit = _mm512_set1_epi32(1 << kCondition.first_bit);
    __mmask16 ruled_out =
        kCondition.sum == 0 ? _mm512_test_epi32_mask(sum, bit) : _mm512_testn_epi32_mask(sum, bit);
    __m512i others = _mm512_set1_epi32(static_cast<int>(~kCondition.vectors));
    possible = _mm512_mask_and_epi32(possible, ruled_out, possible, others);
}

template <int kNumber, int kEnd>
inline void check_between(const __m512i words[kSha1ConditionWordEnd], __m512i& possible) {
    if constexpr (kNumber < kEnd) {
        check_condition<kNumber>(words, possible);
        check_between<kNumber + 1, kEnd>(words, possible);
    }
}

// Looking is cut into sixteen slices, one for each block that is taken in: compression waits for
// its own results most of the time, and the processor has room for a slice beside it. The first
// slice loads, three expand, twelve check.
template <int kSlice>
inline void look(const std::uint8_t* blocks, __m512i words[kSha1ConditionWordEnd],
                 __m512i& possible) {
    constexpr int kCheckSlice = kSlice - 4;
    if constexpr (kSlice == 0) {
        load(blocks, kLaneCount, words);
    } else if constexpr (kCheckSlice < 0) {
        constexpr int kLength = (kSha1ConditionWordEnd - 16 + 2) / 3;
        constexpr int kBegin = 16 + (kSlice - 1) * kLength;
        constexpr int kEnd = kBegin + kLength;
        expand(words, kBegin, kEnd < kSha1ConditionWordEnd ? kEnd : kSha1ConditionWordEnd);
    } else {
        check_between<kSha1ConditionCount * kCheckSlice / 12,
                      kSha1ConditionCount*(kCheckSlice + 1) / 12>(words, possible);
    }
}

template <int kBlock>
inline void take_and_look(Registers& registers, const std::uint8_t* blocks,
                          std::uint32_t before[kLaneCount][5], __m128i expanded[20],
                          __m512i words[kSha1ConditionWordEnd], __m512i& possible) {
    if constexpr (kBlock < static_cast<int>(kLaneCount)) {
        store(before[kBlock], registers);
        take_block(registers, blocks + kBlock * kBlockSize, expanded);
        look<kBlock>(blocks, words, possible);
        take_and_look<kBlock + 1>(registers, blocks, before, expanded, words, possible);
    }
}

}  // namespace

std::uint32_t compress_looking(std::uint32_t state[5], const std::uint8_t* blocks,
                               std::uint32_t before[kLaneCount][5]) {
    __m512i words[kSha1ConditionWordEnd];
    __m128i expanded[20];
    __m512i possible = _mm512_set1_epi32(-1);
    Registers registers = load(state);
    take_and_look<0>(registers, blocks, before, expanded, words, possible);
    store(state, registers);
    return _mm512_test_epi32_mask(possible, possible);
}

std::uint32_t find_suspects(const std::uint8_t* blocks, std::size_t count) {
    __m512i words[kSha1ConditionWordEnd];
    load(blocks, count, words);
    expand(words, 16, kSha1ConditionWordEnd);
    __m512i possible = _mm512_set1_epi32(-1);
    check_between<0, kSha1ConditionCount>(words, possible);
    std::uint32_t suspects = _mm512_test_epi32_mask(possible, possible);
    return suspects & ((1U << count) - 1U);
}

}  // namespace ashlar::crypto::sha1_blocks

#endif
