#include "crypto/digest.h"

#include <gtest/gtest.h>

namespace ashlar::crypto {
namespace {

TEST(Digest, differs_by_domain) {
    EXPECT_NE(hash("one", as_bytes("text")), hash("two", as_bytes("text")));
}

TEST(Digest, streaming_equals_hashing_at_once) {
    Hasher hasher("domain");
    hasher.update(as_bytes("te")).update(as_bytes("xt"));
    EXPECT_EQ(hasher.finish(), hash("domain", as_bytes("text")));
}

// Made with python3: hashlib.blake2b(b"text", digest_size=32, key=b"domain").
TEST(Digest, is_keyed_blake2b_256) {
    EXPECT_EQ(hash("domain", as_bytes("text")).hex(),
              "35897e46d9d024daf0c4b98a937bb6909f35a51ce02c82321cbbdfea8abb68f2");
}

}  // namespace
}  // namespace ashlar::crypto
