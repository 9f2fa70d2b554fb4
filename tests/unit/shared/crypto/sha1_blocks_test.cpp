#include "crypto/sha1_blocks.h"

#include <gtest/gtest.h>
#include <sha1dc/sha1.h>
#include <sha1dc/ubc_check.h>

#include <cstring>
#include <random>
#include <vector>

#include "crypto/sha1_conditions.h"

namespace ashlar::crypto {
namespace {

using Block = std::uint8_t[sha1_blocks::kBlockSize];

void expand(const std::uint8_t* block, std::uint32_t words[80]) {
    for (int i = 0; i < 16; ++i) {
        const std::uint8_t* at = block + 4 * i;
        words[i] = (std::uint32_t{at[0]} << 24) | (std::uint32_t{at[1]} << 16) |
                   (std::uint32_t{at[2]} << 8) | at[3];
    }
    for (int i = 16; i < 80; ++i) {
        std::uint32_t sum = words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16];
        words[i] = (sum << 1) | (sum >> 31);
    }
}

// What the table says of a block, condition by condition.
std::uint32_t vectors_by_table(const std::uint32_t words[80]) {
    std::uint32_t vectors = 0xffffffff;
    for (const Sha1Condition& condition : kSha1Conditions) {
        std::uint32_t sum = (words[condition.first_word] >> condition.first_bit) ^
                            (words[condition.second_word] >> condition.second_bit);
        if (static_cast<int>(sum & 1) != condition.sum) vectors &= ~condition.vectors;
    }
    return vectors;
}

// Every vector comes up in so many blocks.
TEST(Sha1Blocks, conditions_are_those_of_the_portable_library) {
    std::mt19937_64 random(7);
    constexpr int kBlockCount = 300'000;
    std::uint32_t seen = 0;
    for (int i = 0; i < kBlockCount; ++i) {
        std::uint32_t words[80];
        Block block;
        for (std::size_t at = 0; at < sizeof(block); at += 8) {
            std::uint64_t value = random();
            std::memcpy(block + at, &value, 8);
        }
        expand(block, words);
        std::uint32_t by_library[DVMASKSIZE] = {};
        ubc_check(words, by_library);
        ASSERT_EQ(by_library[0], vectors_by_table(words)) << i;
        seen |= by_library[0];
    }
    EXPECT_EQ(seen, 0xffffffff);
}

TEST(Sha1Blocks, sixteen_at_once_are_judged_as_one_by_one) {
    if (!sha1_blocks::has_wide_lanes()) GTEST_SKIP() << "this processor has no AVX-512";
    std::mt19937_64 random(8);
    int suspect_count = 0;
    for (int round = 0; round < 2000; ++round) {
        std::vector<std::uint8_t> blocks(sha1_blocks::kLaneCount * sha1_blocks::kBlockSize);
        for (std::uint8_t& byte : blocks) byte = static_cast<std::uint8_t>(random());
        std::size_t count = random() % sha1_blocks::kLaneCount + 1;
        std::uint32_t suspects = sha1_blocks::find_suspects(blocks.data(), count);
        for (std::size_t i = 0; i < sha1_blocks::kLaneCount; ++i) {
            std::uint32_t words[80];
            expand(blocks.data() + i * sha1_blocks::kBlockSize, words);
            bool expected = i < count && vectors_by_table(words) != 0;
            ASSERT_EQ((suspects >> i & 1) != 0, expected) << round << " " << i;
            suspect_count += expected ? 1 : 0;
        }
    }
    EXPECT_GT(suspect_count, 0);
}

TEST(Sha1Blocks, instructions_expand_as_the_standard_says) {
    if (!sha1_blocks::has_sha_instructions()) GTEST_SKIP() << "no SHA instructions here";
    std::mt19937_64 random(9);
    for (int round = 0; round < 100; ++round) {
        Block block;
        for (std::uint8_t& byte : block) byte = static_cast<std::uint8_t>(random());
        std::uint32_t state[5] = {1, 2, 3, 4, 5};
        std::uint32_t again[5] = {1, 2, 3, 4, 5};
        std::uint32_t words[80];
        std::uint32_t expected[80];
        sha1_blocks::compress_expanding(state, block, words);
        sha1_blocks::compress(again, block, 1);
        expand(block, expected);
        EXPECT_EQ(std::memcmp(words, expected, sizeof(words)), 0);
        EXPECT_EQ(std::memcmp(state, again, sizeof(state)), 0);
    }
}

}  // namespace
}  // namespace ashlar::crypto
