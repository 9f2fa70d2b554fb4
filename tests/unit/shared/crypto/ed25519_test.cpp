#include "crypto/ed25519.h"

#include <gtest/gtest.h>

namespace ashlar::crypto {
namespace {

// RFC 8032, section 7.1, test 2.
TEST(Ed25519, signs_as_the_rfc_says) {
    auto key = SigningKey::from_seed(
        *from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    ASSERT_TRUE(key);
    EXPECT_EQ(key->public_key().hex(),
              "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    Signature signature = key->sign(Bytes{0x72});
    EXPECT_EQ(to_hex(signature.bytes),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    EXPECT_TRUE(verify(key->public_key(), Bytes{0x72}, signature));
    EXPECT_FALSE(verify(key->public_key(), Bytes{0x73}, signature));
}

}  // namespace
}  // namespace ashlar::crypto
