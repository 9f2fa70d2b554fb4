#include "forge/scopes.h"

#include <gtest/gtest.h>

namespace ashlar::forge {
namespace {

using Names = std::vector<std::string>;

TEST(Scopes, come_back_from_their_names) {
    for (const Names& names : {Names{}, Names{"repo"}, Names{"repo:read"}, Names{"public_repo"},
                               Names{"repo", "delete_repo", "user", "site_admin"}}) {
        EXPECT_EQ(to_names(*scopes_from_names(names)), names);
    }
}

TEST(Scopes, name_what_is_unknown) {
    const auto scopes = scopes_from_names({"repo", "everything"});
    ASSERT_FALSE(scopes);
    EXPECT_EQ(scopes.error().code, ErrorCode::invalid);
    EXPECT_NE(scopes.error().detail.find("everything"), std::string::npos);
}

TEST(Scopes, of_a_wider_name_are_not_named_twice) {
    EXPECT_EQ(to_names(*scopes_from_names({"repo", "public_repo", "repo:read"})), Names{"repo"});
    EXPECT_EQ(to_names(ScopeSet::all()), (Names{"repo", "delete_repo", "user", "site_admin"}));
}

TEST(Scopes, drop_bits_without_meaning) {
    EXPECT_EQ(ScopeSet::from_bits(0xffffffff), ScopeSet::all());
    EXPECT_TRUE(ScopeSet::all().includes(ScopeSet().with(Scope::account)));
    EXPECT_FALSE(ScopeSet().includes(ScopeSet::all()));
}

}  // namespace
}  // namespace ashlar::forge
