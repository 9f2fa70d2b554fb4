#include "base/bytes.h"

#include <gtest/gtest.h>

namespace ashlar {
namespace {

TEST(Bytes, hexadecimal_round_trips_and_accepts_both_cases) {
    EXPECT_EQ(to_hex(Bytes{0x00, 0xab, 0xff}), "00abff");
    EXPECT_EQ(*from_hex("00aBFf"), (Bytes{0x00, 0xab, 0xff}));
}

TEST(Bytes, hexadecimal_of_another_form_is_refused) {
    EXPECT_EQ(from_hex("abc").error().code, ErrorCode::invalid);
    EXPECT_EQ(from_hex("zz").error().code, ErrorCode::invalid);
}

TEST(Bytes, big_endian_numbers_round_trip) {
    Bytes bytes;
    append_big_endian_64(bytes, 0x0102030405060708u);
    EXPECT_EQ(to_hex(bytes), "0102030405060708");
    EXPECT_EQ(read_big_endian_64(bytes), 0x0102030405060708u);
    EXPECT_EQ(read_big_endian_32(bytes), 0x01020304u);
}

TEST(Bytes, equality_in_constant_time_sees_every_byte) {
    EXPECT_TRUE(equal_in_constant_time(as_bytes("secret"), as_bytes("secret")));
    EXPECT_FALSE(equal_in_constant_time(as_bytes("secret"), as_bytes("secreT")));
    EXPECT_FALSE(equal_in_constant_time(as_bytes("secret"), as_bytes("secret ")));
}

}  // namespace
}  // namespace ashlar
