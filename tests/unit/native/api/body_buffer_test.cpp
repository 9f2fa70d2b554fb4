#include "native/api/body_buffer.h"

#include <gtest/gtest.h>

namespace ashlar::native {
namespace {

TEST(BodyBuffer, bodies_share_a_budget_and_give_it_back) {
    BodyBudget budget(10);
    {
        BodyBuffer first(budget);
        BodyBuffer second(budget);
        EXPECT_TRUE(first.add(as_bytes("123456")));
        EXPECT_FALSE(second.add(as_bytes("12345")));
        EXPECT_TRUE(second.add(as_bytes("1234")));
        EXPECT_EQ(as_text(second.bytes()), "1234");
        EXPECT_FALSE(first.add(as_bytes("7")));
    }
    BodyBuffer third(budget);
    EXPECT_TRUE(third.add(as_bytes("1234567890")));
}

}  // namespace
}  // namespace ashlar::native
