#include "support/golden.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace ashlar::test {
namespace {

const std::vector<std::uint8_t> kExample = {0, 1, 2, 3, 255};

TEST(Golden, reads_the_bytes_of_a_committed_file) {
    EXPECT_EQ(read_golden("support/example.hex"), kExample);
}

TEST(Golden, accepts_equal_bytes) {
    EXPECT_GOLDEN("support/example.hex", kExample);
}

TEST(Golden, refuses_other_bytes_and_a_missing_file) {
    const std::vector<std::uint8_t> other = {0, 1, 2, 3, 254};
    EXPECT_FALSE(matches_golden("support/example.hex", other));
    EXPECT_FALSE(matches_golden("support/no_such_file.hex", kExample));
}

}  // namespace
}  // namespace ashlar::test
