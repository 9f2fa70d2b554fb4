#include "forge_harness.h"

namespace ashlar::forge {
namespace {

CreateAccount account_named(std::string login) {
    CreateAccount action;
    action.login = std::move(login);
    return action;
}

CreateToken token_for(AccountId account, ScopeSet scopes) {
    return {account, "laptop", scopes, token_secret_hash("secret"), std::nullopt};
}

TEST(AccountRules, let_only_a_site_administrator_create_accounts) {
    ForgeHarness forge;
    EXPECT_EQ(code_of(forge.run(kAlice, account_named("carol"))), ErrorCode::forbidden);
    const TransactionResult result = forge.run(kAdministrator, account_named("Carol"));
    ASSERT_TRUE(result.applied());
    EXPECT_EQ(result.account, AccountId(4));
    const Account account = **forge.state().account(result.account);
    EXPECT_EQ(account.login, "Carol");
    EXPECT_EQ(account.created_ms, forge.time_ms);
    EXPECT_EQ(*forge.state().find_account("cArOl"), result.account);
}

TEST(AccountRules, give_each_login_once_without_regard_to_case) {
    ForgeHarness forge;
    EXPECT_EQ(code_of(forge.run(kAdministrator, account_named("ALICE"))),
              ErrorCode::already_exists);
    EXPECT_EQ(code_of(forge.run(kAdministrator, account_named("bob"))), ErrorCode::already_exists);
    EXPECT_EQ(code_of(forge.run(kAdministrator, account_named("api"))), ErrorCode::invalid);
}

TEST(AccountRules, do_not_let_organizations_act) {
    ForgeHarness forge;
    CreateAccount action = account_named("crew");
    action.kind = AccountKind::organization;
    const TransactionResult created = forge.run(kAdministrator, action);
    ASSERT_TRUE(created.applied());
    EXPECT_EQ(code_of(forge.run(created.account, account_named("x"))), ErrorCode::unauthenticated);
    EXPECT_EQ(code_of(forge.run(kAdministrator, token_for(created.account, {}))),
              ErrorCode::invalid);
    action = account_named("crew2");
    action.kind = AccountKind::organization;
    action.site_administrator = true;
    EXPECT_EQ(code_of(forge.run(kAdministrator, action)), ErrorCode::invalid);
}

TEST(AccountRules, let_one_create_tokens_for_oneself_and_an_administrator_for_others) {
    ForgeHarness forge;
    EXPECT_EQ(code_of(forge.run(kBob, token_for(kAlice, {}))), ErrorCode::forbidden);
    const TransactionResult result = forge.run(kAlice, token_for(kAlice, ScopeSet::all()));
    ASSERT_TRUE(result.applied());
    EXPECT_EQ(*forge.state().find_token(token_secret_hash("secret")), result.token);
    EXPECT_EQ(code_of(forge.run(kAlice, token_for(kAlice, {}))), ErrorCode::already_exists);
    EXPECT_EQ(code_of(forge.run(kAdministrator, token_for(AccountId(99), {}))),
              ErrorCode::not_found);
}

TEST(AccountRules, refuse_tokens_without_secret_or_that_are_expired_from_the_start) {
    ForgeHarness forge;
    CreateToken action = token_for(kAlice, {});
    action.expires_ms = forge.time_ms;
    EXPECT_EQ(code_of(forge.run(kAlice, action)), ErrorCode::invalid);
    action.expires_ms = forge.time_ms + 1;
    action.secret_hash = {};
    EXPECT_EQ(code_of(forge.run(kAlice, action)), ErrorCode::invalid);
}

TEST(AccountRules, believe_a_token_only_while_it_is_its_accounts_valid_and_not_revoked) {
    ForgeHarness forge;
    const TokenId token = forge.token(kAlice, ScopeSet::all(), 5000);
    EXPECT_EQ(code_of(forge.run(kBob, token, RevokeToken{token})), ErrorCode::unauthenticated);
    EXPECT_EQ(code_of(forge.run(kAlice, TokenId(99), RevokeToken{token})),
              ErrorCode::unauthenticated);
    forge.time_ms = 5000;
    EXPECT_EQ(code_of(forge.run(kAlice, token, RevokeToken{token})), ErrorCode::unauthenticated);
    forge.time_ms = 4999;
    EXPECT_TRUE(forge.run(kAlice, token, RevokeToken{token}).applied());
    EXPECT_EQ(code_of(forge.run(kAlice, token, RevokeToken{token})), ErrorCode::unauthenticated);
}

TEST(AccountRules, hide_the_tokens_of_others) {
    ForgeHarness forge;
    const TokenId token = forge.token(kAlice, ScopeSet::all());
    EXPECT_EQ(code_of(forge.run(kBob, RevokeToken{token})), ErrorCode::not_found);
    EXPECT_EQ(code_of(forge.run(kBob, RevokeToken{TokenId(99)})), ErrorCode::not_found);
    EXPECT_TRUE(forge.run(kAdministrator, RevokeToken{token}).applied());
    EXPECT_TRUE((**forge.state().token(token)).revoked);
}

TEST(AccountRules, refuse_an_author_who_does_not_exist) {
    ForgeHarness forge;
    EXPECT_EQ(code_of(forge.run(AccountId(99), account_named("x"))), ErrorCode::unauthenticated);
}

}  // namespace
}  // namespace ashlar::forge
