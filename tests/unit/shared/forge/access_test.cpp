#include "forge/access.h"

#include <gtest/gtest.h>

namespace ashlar::forge {
namespace {

Account account_of(std::uint64_t id, bool site_administrator = false) {
    Account account;
    account.id = AccountId(id);
    account.login = "account" + std::to_string(id);
    account.site_administrator = site_administrator;
    return account;
}

Repository repository_of(Visibility visibility) {
    Repository repository;
    repository.id = RepositoryId(1);
    repository.owner = AccountId(1);
    repository.name = "hello";
    repository.visibility = visibility;
    return repository;
}

ScopeSet scopes(std::vector<std::string> names) {
    return *scopes_from_names(names);
}

struct Row {
    const char* who;
    Viewer viewer;
    // For read, write, administer, remove: of a public repository, then of a private one.
    std::string expected;
};

// a: allowed, u: unauthenticated, f: forbidden, n: not found
char letter(Permission permission) {
    switch (permission) {
        case Permission::allowed:
            return 'a';
        case Permission::unauthenticated:
            return 'u';
        case Permission::forbidden:
            return 'f';
        case Permission::not_found:
            return 'n';
    }
    return '?';
}

std::vector<Row> truth_table() {
    const Account owner = account_of(1);
    const Account other = account_of(2);
    const Account administrator = account_of(3, true);
    return {
        {"nobody", Viewer::anonymous(), "auuu nnnn"},
        {"the owner's key", Viewer::signed_in(owner), "aaaa aaaa"},
        {"another's key", Viewer::signed_in(other), "afff nnnn"},
        {"an administrator's key", Viewer::signed_in(administrator), "aaaa aaaa"},
        {"the owner, repo", Viewer::with_token(owner, scopes({"repo"})), "aaaf aaaf"},
        {"the owner, repo:read", Viewer::with_token(owner, scopes({"repo:read"})), "afff afff"},
        {"the owner, public_repo", Viewer::with_token(owner, scopes({"public_repo"})), "aaaf nnnn"},
        {"the owner, delete_repo", Viewer::with_token(owner, scopes({"delete_repo"})), "affa nnnn"},
        {"the owner, repo and delete_repo",
         Viewer::with_token(owner, scopes({"repo", "delete_repo"})), "aaaa aaaa"},
        {"the owner, no scope", Viewer::with_token(owner, {}), "afff nnnn"},
        {"the owner, site_admin", Viewer::with_token(owner, scopes({"site_admin"})), "afff nnnn"},
        {"another, all scopes", Viewer::with_token(other, ScopeSet::all()), "afff nnnn"},
        {"an administrator, all scopes", Viewer::with_token(administrator, ScopeSet::all()),
         "aaaa aaaa"},
        {"an administrator, repo", Viewer::with_token(administrator, scopes({"repo"})),
         "afff nnnn"},
        {"an administrator, repo and site_admin",
         Viewer::with_token(administrator, scopes({"repo", "site_admin"})), "aaaf aaaf"},
        {"an administrator, site_admin", Viewer::with_token(administrator, scopes({"site_admin"})),
         "afff nnnn"},
    };
}

TEST(Access, to_a_repository_follows_its_truth_table) {
    for (const Row& row : truth_table()) {
        std::string actual;
        for (const Visibility visibility :
             {Visibility::visible_to_all, Visibility::visible_to_members}) {
            if (!actual.empty()) actual += ' ';
            for (const RepositoryAction action :
                 {RepositoryAction::read, RepositoryAction::write, RepositoryAction::administer,
                  RepositoryAction::remove}) {
                actual += letter(may(row.viewer, repository_of(visibility), action));
            }
        }
        EXPECT_EQ(actual, row.expected) << row.who;
    }
}

TEST(Access, lets_one_create_repositories_for_oneself_with_a_scope_that_is_wide_enough) {
    const Account owner = account_of(1);
    const auto create = [&](const Viewer& viewer, Visibility visibility) {
        return letter(may_create_repository(viewer, owner, visibility));
    };
    constexpr Visibility kPublic = Visibility::visible_to_all;
    constexpr Visibility kPrivate = Visibility::visible_to_members;
    EXPECT_EQ(create(Viewer::anonymous(), kPublic), 'u');
    EXPECT_EQ(create(Viewer::signed_in(owner), kPrivate), 'a');
    EXPECT_EQ(create(Viewer::signed_in(account_of(2)), kPublic), 'f');
    EXPECT_EQ(create(Viewer::signed_in(account_of(3, true)), kPublic), 'a');
    EXPECT_EQ(create(Viewer::with_token(owner, scopes({"public_repo"})), kPublic), 'a');
    EXPECT_EQ(create(Viewer::with_token(owner, scopes({"public_repo"})), kPrivate), 'f');
    EXPECT_EQ(create(Viewer::with_token(owner, scopes({"repo:read"})), kPublic), 'f');
}

TEST(Access, lets_only_administrators_with_the_scope_administer_the_site) {
    EXPECT_EQ(may_administer_site(Viewer::anonymous()), Permission::unauthenticated);
    EXPECT_EQ(may_administer_site(Viewer::signed_in(account_of(1))), Permission::forbidden);
    EXPECT_EQ(may_administer_site(Viewer::signed_in(account_of(1, true))), Permission::allowed);
    EXPECT_EQ(may_administer_site(Viewer::with_token(account_of(1, true), scopes({"repo"}))),
              Permission::forbidden);
    EXPECT_EQ(may_administer_site(Viewer::with_token(account_of(1), ScopeSet::all())),
              Permission::forbidden);
}

TEST(Access, lets_no_token_beget_a_wider_one) {
    const Viewer narrow = Viewer::with_token(account_of(1), scopes({"user", "repo:read"}));
    EXPECT_EQ(may_manage_tokens(narrow, AccountId(1), scopes({"repo:read"})), Permission::allowed);
    EXPECT_EQ(may_manage_tokens(narrow, AccountId(1), scopes({"repo"})), Permission::forbidden);
    EXPECT_EQ(may_manage_tokens(narrow, AccountId(2), {}), Permission::forbidden);
    EXPECT_EQ(may_manage_tokens(Viewer::with_token(account_of(1), scopes({"repo"})), AccountId(1),
                                scopes({"repo:read"})),
              Permission::forbidden);
}

TEST(Access, tells_in_its_error_no_more_than_who_asks_may_know) {
    EXPECT_TRUE(require(Permission::allowed, "x"));
    EXPECT_EQ(require(Permission::not_found, "repository a/b").error().code, ErrorCode::not_found);
    EXPECT_EQ(require(Permission::forbidden, "repository a/b").error().code, ErrorCode::forbidden);
    EXPECT_EQ(require(Permission::unauthenticated, "x").error().code, ErrorCode::unauthenticated);
}

}  // namespace
}  // namespace ashlar::forge
