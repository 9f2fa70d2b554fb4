#include "native/http/gzip_decoder.h"

#include <gtest/gtest.h>

namespace ashlar::http {
namespace {

// gzip of "hello\n"
const Bytes kHello = *from_hex("1f8b0800000000000003cb48cdc9c9e7020020303a3606000000");

TEST(GzipDecoder, unpacks_byte_by_byte) {
    GzipDecoder decoder(100);
    std::string text;
    for (Byte byte : kHello) {
        ASSERT_TRUE(decoder.feed(ByteView(&byte, 1), [&](Bytes piece) {
            text.append(as_text(piece));
            return true;
        }));
    }
    EXPECT_TRUE(decoder.finish());
    EXPECT_EQ(text, "hello\n");
}

TEST(GzipDecoder, refuses_what_is_left_over_cut_off_or_damaged) {
    auto ignore = [](Bytes) { return true; };
    Bytes longer = kHello;
    longer.push_back(0);
    EXPECT_EQ(GzipDecoder(100).feed(longer, ignore).error().code, ErrorCode::invalid);
    GzipDecoder cut(100);
    EXPECT_TRUE(cut.feed(ByteView(kHello).first(20), ignore));
    EXPECT_FALSE(cut.finish());
    Bytes damaged = kHello;
    damaged[20] ^= 1;
    EXPECT_FALSE(GzipDecoder(100).feed(damaged, ignore));
}

TEST(GzipDecoder, stops_at_the_limit) {
    auto ignore = [](Bytes) { return true; };
    EXPECT_TRUE(GzipDecoder(6).feed(kHello, ignore));
    EXPECT_EQ(GzipDecoder(5).feed(kHello, ignore).error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace ashlar::http
