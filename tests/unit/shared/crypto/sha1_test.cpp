#include "crypto/sha1.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "support/golden.h"

namespace ashlar::crypto {
namespace {

using Implementation = Sha1::Implementation;

// FIPS 180-4's example.
TEST(Sha1, hashes_as_the_standard_says) {
    for (Implementation implementation : {Implementation::best, Implementation::portable}) {
        for (CollisionDetection detection : {CollisionDetection::on, CollisionDetection::off}) {
            EXPECT_EQ(to_hex(*Sha1(detection, implementation).update(as_bytes("abc")).finish()),
                      "a9993e364706816aba3e25717850c26c9cd0d89d");
        }
    }
}

TEST(Sha1, a_copy_goes_on_by_itself) {
    for (Implementation implementation : {Implementation::best, Implementation::portable}) {
        Sha1 first(CollisionDetection::on, implementation);
        first.update(as_bytes("ab"));
        Sha1 second = first;
        first.update(as_bytes("x"));
        EXPECT_EQ(to_hex(*second.update(as_bytes("c")).finish()),
                  "a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}

TEST(Sha1, is_the_same_by_every_implementation_and_in_any_pieces) {
    std::mt19937 random(1);
    Bytes content(5000);
    for (Byte& byte : content) byte = static_cast<Byte>(random());
    for (std::size_t size = 0; size < content.size(); size += size < 300 ? 1 : 97) {
        ByteView part = ByteView(content).first(size);
        Sha1Digest expected =
            *Sha1(CollisionDetection::on, Implementation::portable).update(part).finish();
        EXPECT_EQ(*Sha1(CollisionDetection::on).update(part).finish(), expected) << size;
        EXPECT_EQ(*Sha1(CollisionDetection::off).update(part).finish(), expected) << size;
        Sha1 pieces(CollisionDetection::on);
        for (ByteView rest = part; !rest.empty();) {
            std::size_t piece = std::min<std::size_t>(rest.size(), random() % 200 + 1);
            pieces.update(rest.first(piece));
            rest = rest.subspan(piece);
        }
        EXPECT_EQ(*pieces.finish(), expected) << size;
    }
}

// One of the two files of "SHAttered" (Stevens and others, 2017) up to the end of its second block.
TEST(Sha1, finds_the_known_collision_whatever_comes_behind_it) {
    Bytes content = test::read_golden("crypto/shattered.hex");
    ASSERT_EQ(content.size(), 320U);
    for (std::size_t more : {0U, 1U, 64U, 500U, 2000U}) {
        content.resize(320 + more, 'x');
        for (Implementation implementation : {Implementation::best, Implementation::portable}) {
            Sha1 hash(CollisionDetection::on, implementation);
            auto digest = hash.update(content).finish();
            ASSERT_FALSE(digest) << more;
            EXPECT_EQ(digest.error().code, ErrorCode::invalid);
            Sha1 plain(CollisionDetection::off, implementation);
            EXPECT_TRUE(plain.update(content).finish());
        }
    }
}

}  // namespace
}  // namespace ashlar::crypto
