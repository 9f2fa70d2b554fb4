#include <gtest/gtest.h>

#include "git/object/object.h"

namespace ashlar::git {
namespace {

// `git hash-object -t blob --stdin </dev/null` and of "hello\n".
TEST(ObjectId, is_what_git_gives) {
    EXPECT_EQ(object_id_of(ObjectType::blob, {})->hex(),
              "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
    EXPECT_EQ(object_id_of(ObjectType::blob, as_bytes("hello\n"))->hex(),
              "ce013625030ba8dba906f756967f9e9ca394464a");
}

TEST(ObjectId, of_another_length_is_refused) {
    EXPECT_EQ(ObjectId::from_hex("abcd").error().code, ErrorCode::invalid);
    EXPECT_EQ(ObjectId::from_bytes(Bytes(19)).error().code, ErrorCode::invalid);
}

}  // namespace
}  // namespace ashlar::git
