#include "git/walk/object_id_map.h"

#include <gtest/gtest.h>

namespace ashlar::git {
namespace {

constexpr std::uint32_t kIds = 50'000;
// What mixing well gives is far below, what mixing badly gives far above.
constexpr std::size_t kProbeMax = 1000;

// As a client may make them up: alike but for four bytes.
ObjectId numbered(std::uint32_t number, std::size_t at) {
    ObjectId id;
    for (std::size_t i = 0; i < 4; ++i) {
        id.bytes[at + i] = static_cast<Byte>(number >> (24 - 8 * i));
    }
    return id;
}

TEST(ObjectIdMap, finds_ids_that_are_alike_but_for_a_few_bytes_as_fast_as_others) {
    for (const std::size_t at : {0U, 4U, 9U, 12U, 16U}) {
        ObjectIdMap<std::uint32_t> map;
        for (std::uint32_t number = 0; number < kIds; ++number) {
            const auto inserted = map.insert(numbered(number, at));
            ASSERT_TRUE(inserted.added);
            *inserted.value = number;
            if ((number & (number - 1)) == 0) {
                ASSERT_LT(map.longest_probe(), kProbeMax) << number;
            }
        }
        EXPECT_LT(map.longest_probe(), kProbeMax);
        for (std::uint32_t number = 0; number < kIds; number += 7) {
            ASSERT_EQ(*map.find(numbered(number, at)), number);
        }
        EXPECT_FALSE(map.contains(numbered(kIds, at)));
        EXPECT_FALSE(map.insert(numbered(1, at)).added);
        EXPECT_EQ(map.size(), kIds);
    }
}

TEST(ObjectIdMap, is_the_same_when_it_is_copied) {
    ObjectIdMap<int> map;
    for (std::uint32_t number = 0; number < 100; ++number) map.insert(numbered(number, 0));
    const ObjectIdMap<int> copy = map;
    for (std::uint32_t number = 0; number < 100; ++number) {
        EXPECT_TRUE(copy.contains(numbered(number, 0)));
    }
}

}  // namespace
}  // namespace ashlar::git
