// Golden vectors: bytes that are committed under tests/golden, and that both compilers must
// produce.
//
// A vector is a text file of hexadecimal digits, so that a change shows in a diff; line breaks and
// blanks mean nothing, and a line that starts with '#' is a comment. What is hashed, signed, stored
// or sent may change only in a commit of its own, which a failing EXPECT_GOLDEN makes plain.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ashlar::test {

// The bytes of tests/golden/NAME; the test fails, with the path, when it is missing or not hex.
std::vector<std::uint8_t> read_golden(const std::string& name);

// Whether `bytes` are those of tests/golden/NAME, with a message that shows both. With
// ASHLAR_WRITE_GOLDEN=1 in the environment a native run writes the file instead, and says so.
testing::AssertionResult matches_golden(const std::string& name, const std::uint8_t* bytes,
                                        std::size_t size);

template <typename Bytes>
testing::AssertionResult matches_golden(const std::string& name, const Bytes& bytes) {
    static_assert(sizeof(*bytes.data()) == 1);
    return matches_golden(name, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

}  // namespace ashlar::test

#define EXPECT_GOLDEN(name, bytes) EXPECT_TRUE(::ashlar::test::matches_golden(name, bytes))
