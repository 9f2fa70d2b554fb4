#include "native/node/push_nonce.h"

#include <gtest/gtest.h>

namespace ashlar::node {
namespace {

constexpr forge::RepositoryId kHello{7};
constexpr std::uint64_t kNow = 1'700'000'000'500;
constexpr std::uint64_t kSecond = 1000;

PushNonces nonces_of(Byte seed) {
    return PushNonces(*crypto::SigningKey::from_seed(Bytes(32, seed)));
}

TEST(PushNonces, hold_for_a_while_also_after_a_restart) {
    const std::string nonce = nonces_of(1).make(kHello, kNow);
    EXPECT_TRUE(nonces_of(1).check(kHello, nonce, kNow));
    EXPECT_TRUE(nonces_of(1).check(kHello, nonce, kNow + kPushNonceAgeMaxSeconds * kSecond));
    const auto late =
        nonces_of(1).check(kHello, nonce, kNow + (kPushNonceAgeMaxSeconds + 1) * kSecond);
    ASSERT_FALSE(late);
    EXPECT_NE(late.error().detail.find("push again"), std::string::npos);
    EXPECT_FALSE(nonces_of(1).check(kHello, nonce, kNow - 2 * kSecond));
}

TEST(PushNonces, hold_for_one_repository_of_one_node) {
    const std::string nonce = nonces_of(1).make(kHello, kNow);
    EXPECT_FALSE(nonces_of(1).check(forge::RepositoryId(8), nonce, kNow));
    EXPECT_FALSE(nonces_of(2).check(kHello, nonce, kNow));
}

TEST(PushNonces, cannot_be_made_up) {
    const PushNonces nonces = nonces_of(1);
    const std::string nonce = nonces.make(kHello, kNow);
    for (std::size_t i = 0; i < nonce.size(); ++i) {
        std::string other = nonce;
        other[i] = other[i] == '1' ? '2' : '1';
        EXPECT_FALSE(nonces.check(kHello, other, kNow)) << other;
    }
    for (std::string_view other : {"", "-", "x", "1700000000", "99999999999999999999999-ab"}) {
        EXPECT_FALSE(nonces.check(kHello, other, kNow)) << other;
    }
    EXPECT_FALSE(nonces.check(kHello, "0" + nonce, kNow));
    EXPECT_FALSE(nonces.check(kHello, nonce + "0", kNow));
}

}  // namespace
}  // namespace ashlar::node
