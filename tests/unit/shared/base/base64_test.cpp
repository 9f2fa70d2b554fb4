#include "base/base64.h"

#include <gtest/gtest.h>

namespace ashlar {
namespace {

TEST(Base64, round_trips_every_length_of_a_group) {
    EXPECT_EQ(to_base64(as_bytes("")), "");
    EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
    EXPECT_EQ(to_base64(as_bytes("fo")), "Zm8=");
    EXPECT_EQ(to_base64(as_bytes("foo")), "Zm9v");
    EXPECT_EQ(to_base64(Bytes{0xfb, 0xff, 0xfe, 0x00}), "+//+AA==");
    for (std::string_view text : {"", "f", "fo", "foo", "foob", "fooba"}) {
        EXPECT_EQ(*from_base64(to_base64(as_bytes(text))), to_bytes(text));
    }
}

TEST(Base64, padding_may_be_missing_and_other_text_is_refused) {
    EXPECT_EQ(*from_base64("Zm8"), to_bytes("fo"));
    for (std::string_view text : {"Z", "Zm9v=a", "Zm 9", "====", "Zm9-", "Zg==Zg=="}) {
        EXPECT_EQ(from_base64(text).error().code, ErrorCode::invalid) << text;
    }
}

}  // namespace
}  // namespace ashlar
