#include "base/key_value.h"

#include <gtest/gtest.h>

namespace ashlar {
namespace {

TEST(KeyValue, the_end_of_a_prefix_is_the_next_key_that_does_not_begin_with_it) {
    EXPECT_EQ(end_of_prefix(as_bytes("ab")), to_bytes("ac"));
    EXPECT_EQ(end_of_prefix(Bytes{'a', 0xff}), to_bytes("b"));
    EXPECT_EQ(end_of_prefix(Bytes{0xff, 0xff}), Bytes{});
}

TEST(WriteBatch, counts_what_it_holds) {
    WriteBatch batch;
    batch.put(as_bytes("key"), as_bytes("value"));
    batch.remove(as_bytes("other"));
    EXPECT_EQ(batch.operations().size(), 2u);
    EXPECT_EQ(batch.byte_count(), 13u);
}

}  // namespace
}  // namespace ashlar
