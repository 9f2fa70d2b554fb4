#include "codec/record_paths.h"

#include <gtest/gtest.h>

namespace ashlar::codec {
namespace {

TEST(RecordPaths, are_in_the_order_of_their_numbers) {
    EXPECT_EQ(repository_path(forge::RepositoryId(255)), "repository/00000000000000ff");
    EXPECT_LT(repository_path(forge::RepositoryId(255)), repository_path(forge::RepositoryId(256)));
    EXPECT_LT(transaction_path(9, {}), transaction_path(10, {}));
}

TEST(RecordPaths, do_not_regard_the_case_of_names) {
    EXPECT_EQ(login_path("Alice"), "login/alice");
    EXPECT_EQ(name_path(forge::AccountId(1), "Hello"), "name/0000000000000001/hello");
}

TEST(RecordPaths, of_lists_begin_with_their_prefix) {
    const std::string token = token_of_path(forge::AccountId(1), forge::TokenId(2));
    EXPECT_EQ(token.rfind(token_of_prefix(forge::AccountId(1)), 0), 0u);
    EXPECT_NE(token.rfind(token_of_prefix(forge::AccountId(16)), 0), 0u);
}

}  // namespace
}  // namespace ashlar::codec
