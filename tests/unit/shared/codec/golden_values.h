// A value's golden bytes.
#pragma once

#include <gtest/gtest.h>

#include "samples.h"
#include "support/golden.h"

namespace ashlar::codec {

// The golden bytes, and that they decode to the value they were made from.
template <typename Value, typename Decode>
void expect_golden(const std::string& name, const Value& value, const Decode& decode) {
    const Bytes encoded = encode(value);
    EXPECT_GOLDEN("codec/" + name + ".hex", encoded);
    const auto decoded = decode(encoded);
    ASSERT_TRUE(decoded) << name << ": " << decoded.error().message();
    EXPECT_TRUE(*decoded == value) << name;
}

}  // namespace ashlar::codec
