#include "crypto/sha1.h"

#include <gtest/gtest.h>

namespace ashlar::crypto {
namespace {

// FIPS 180-4's example.
TEST(Sha1, hashes_as_the_standard_says) {
    for (CollisionDetection detection : {CollisionDetection::on, CollisionDetection::off}) {
        EXPECT_EQ(to_hex(*Sha1(detection).update(as_bytes("abc")).finish()),
                  "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}

TEST(Sha1, a_copy_goes_on_by_itself) {
    Sha1 first(CollisionDetection::on);
    first.update(as_bytes("ab"));
    Sha1 second = first;
    first.update(as_bytes("x"));
    EXPECT_EQ(to_hex(*second.update(as_bytes("c")).finish()),
              "a9993e364706816aba3e25717850c26c9cd0d89d");
}

}  // namespace
}  // namespace ashlar::crypto
