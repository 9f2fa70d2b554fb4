#include "api/request.h"

#include <gtest/gtest.h>

namespace ashlar::api {
namespace {

TEST(Request, text_comes_back_from_its_escapes) {
    EXPECT_EQ(percent_encode("refs/heads/a-b_c.d~1"), "refs/heads/a-b_c.d~1");
    EXPECT_EQ(percent_encode("a b&c=d%+?#"), "a%20b%26c%3dd%25%2b%3f%23");
    std::string all;
    for (int byte = 1; byte < 256; ++byte) all.push_back(static_cast<char>(byte));
    EXPECT_EQ(*percent_decode(percent_encode(all)), all);
    EXPECT_EQ((*parse_query("ref=" + percent_encode(all)))["ref"], all);
}

}  // namespace
}  // namespace ashlar::api
