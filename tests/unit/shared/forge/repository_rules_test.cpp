#include "forge_harness.h"

namespace ashlar::forge {
namespace {

CreateRepository repository_named(AccountId owner, std::string name) {
    CreateRepository action;
    action.owner = owner;
    action.name = std::move(name);
    return action;
}

TEST(RepositoryRules, create_a_repository_under_its_owner) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "Hello");
    EXPECT_EQ(forge.stored(id).name, "Hello");
    EXPECT_EQ(forge.stored(id).default_branch, "main");
    EXPECT_EQ(*forge.state().find_repository(kAlice, "hELLO"), id);
    EXPECT_EQ(*forge.state().find_repository(kBob, "hello"), std::nullopt);
    EXPECT_NE(forge.repository(kBob, "Hello"), id);
}

TEST(RepositoryRules, refuse_names_that_are_taken_or_malformed_and_owners_that_are_others) {
    ForgeHarness forge;
    forge.repository(kAlice, "hello");
    EXPECT_EQ(code_of(forge.run(kAlice, repository_named(kAlice, "HELLO"))),
              ErrorCode::already_exists);
    EXPECT_EQ(code_of(forge.run(kAlice, repository_named(kAlice, "a b"))), ErrorCode::invalid);
    EXPECT_EQ(code_of(forge.run(kAlice, repository_named(kBob, "x"))), ErrorCode::forbidden);
    EXPECT_EQ(code_of(forge.run(kAlice, repository_named(AccountId(9), "x"))),
              ErrorCode::not_found);
    CreateRepository action = repository_named(kAlice, "x");
    action.default_branch = "a..b";
    EXPECT_EQ(code_of(forge.run(kAlice, action)), ErrorCode::invalid);
    action.default_branch = "main";
    action.description = "two\nlines";
    EXPECT_EQ(code_of(forge.run(kAlice, action)), ErrorCode::invalid);
}

TEST(RepositoryRules, change_only_what_is_named) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    forge.time_ms = 2000;
    UpdateRepository action;
    action.repository = id;
    action.description = "words";
    ASSERT_TRUE(forge.run(kAlice, action).applied());
    EXPECT_EQ(forge.stored(id).description, "words");
    EXPECT_EQ(forge.stored(id).default_branch, "main");
    EXPECT_EQ(forge.stored(id).updated_ms, 2000u);
    EXPECT_EQ(forge.stored(id).created_ms, 1000u);
    EXPECT_EQ(code_of(forge.run(kBob, action)), ErrorCode::forbidden);
}

TEST(RepositoryRules, hide_private_repositories_from_those_without_access) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "x", Visibility::visible_to_members);
    EXPECT_EQ(code_of(forge.run(kBob, DeleteRepository{id})), ErrorCode::not_found);
    UpdateRepository action;
    action.repository = id;
    EXPECT_EQ(code_of(forge.run(kBob, action)), ErrorCode::not_found);
    EXPECT_EQ(code_of(forge.push(kBob, id, {{"refs/heads/main", {}, object(1), {}}})),
              ErrorCode::not_found);
}

TEST(RepositoryRules, do_not_let_a_token_for_public_repositories_make_one_private) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "x");
    const TokenId token = forge.token(kAlice, ScopeSet().with(Scope::public_repository_write));
    UpdateRepository action;
    action.repository = id;
    action.visibility = Visibility::visible_to_members;
    EXPECT_FALSE(forge.run(kAlice, token, action).applied());
    EXPECT_TRUE(forge.run(kAlice, action).applied());
}

TEST(RepositoryRules, delete_a_repository_with_everything_that_was_under_it) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    forge.push(kAlice, id, {{"refs/heads/main", {}, object(1), {}}});
    EXPECT_EQ(code_of(forge.run(kBob, DeleteRepository{id})), ErrorCode::forbidden);
    ASSERT_TRUE(forge.run(kAlice, DeleteRepository{id}).applied());
    EXPECT_EQ(*forge.state().repository(id), std::nullopt);
    EXPECT_EQ(forge.ref(id, "refs/heads/main"), std::nullopt);
    const RepositoryId again = forge.repository(kAlice, "hello");
    EXPECT_NE(again, id);
    EXPECT_EQ(forge.stored(again).ref_count, 0u);
    EXPECT_EQ(code_of(forge.run(kAlice, DeleteRepository{id})), ErrorCode::not_found);
}

}  // namespace
}  // namespace ashlar::forge
