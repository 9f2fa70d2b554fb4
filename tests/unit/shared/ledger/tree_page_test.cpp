#include "ledger/tree_page.h"

#include <gtest/gtest.h>

namespace ashlar::ledger {
namespace {

TreePage mixed_page() {
    TreePage page;
    page.slots[0] = TreeEntry{crypto::hash("test", as_bytes("key")), {}};
    page.slots[7] = crypto::hash("test", as_bytes("below"));
    page.slots[15] = TreeEntry{crypto::hash("test", as_bytes("other key")), {}};
    return page;
}

TEST(TreePage, comes_back_from_its_encoding) {
    const Bytes encoded = encode(mixed_page());
    const auto decoded = decode_tree_page(encoded);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->slots, mixed_page().slots);
}

TEST(TreePage, is_corrupt_when_shorter_or_longer_or_when_a_slot_is_two_things) {
    const Bytes encoded = encode(mixed_page());
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        const auto decoded = decode_tree_page(ByteView(encoded).first(size));
        ASSERT_FALSE(decoded);
        EXPECT_EQ(decoded.error().code, ErrorCode::corrupt);
    }
    Bytes longer = encoded;
    longer.push_back(0);
    EXPECT_FALSE(decode_tree_page(longer));
    Bytes twice = encoded;
    twice[3] |= 1;  // slot 0 is an entry already
    EXPECT_FALSE(decode_tree_page(twice));
}

TEST(TreePage, stands_under_a_key_that_names_its_depth_and_bits) {
    crypto::Digest key;
    key.bytes[0] = 0xab;
    key.bytes[1] = 0xcd;
    EXPECT_EQ(page_key(key, 0), (Bytes{0}));
    EXPECT_EQ(page_key(key, 1), (Bytes{1, 0xa0}));
    EXPECT_EQ(page_key(key, 2), (Bytes{2, 0xab}));
    EXPECT_EQ(page_key(key, 3), (Bytes{3, 0xab, 0xc0}));
    EXPECT_EQ(nibble_of(key, 1), 0xbu);
    EXPECT_EQ(nibble_of(key, 2), 0xcu);
}

}  // namespace
}  // namespace ashlar::ledger
