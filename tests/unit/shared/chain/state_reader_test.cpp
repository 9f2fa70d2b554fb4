#include "chain/state_reader.h"

#include "chain_harness.h"

namespace ashlar::chain {
namespace {

bool keep_all(const forge::Repository&) {
    return true;
}

std::vector<std::string> names_of(const std::vector<forge::Repository>& repositories) {
    std::vector<std::string> names;
    for (const forge::Repository& repository : repositories) names.push_back(repository.name);
    return names;
}

TEST(StateReader, finds_repositories_by_owner_and_name_in_any_case) {
    ChainHarness chain;
    const forge::RepositoryId id = chain.repository("Hello");
    const StateReader reader = chain.reader();
    EXPECT_EQ(reader.repository("OPERATOR", "hello")->id, id);
    EXPECT_EQ(reader.repository(id)->name, "Hello");
    EXPECT_EQ(reader.repository("operator", "other").error().code, ErrorCode::not_found);
    EXPECT_EQ(reader.repository("nobody-here", "hello").error().code, ErrorCode::not_found);
}

TEST(StateReader, lists_repositories_page_by_page) {
    ChainHarness chain;
    for (const char* name : {"d", "a", "c", "b"}) chain.repository(name);
    const StateReader reader = chain.reader();
    const auto first = *reader.repositories({0, 3}, keep_all);
    EXPECT_EQ(names_of(first), (std::vector<std::string>{"d", "a", "c"}));
    EXPECT_EQ(names_of(*reader.repositories({first.back().id.value, 3}, keep_all)),
              std::vector<std::string>{"b"});
    EXPECT_EQ(names_of(*reader.repositories_of(kAdministrator, {0, 2}, keep_all)),
              (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(names_of(*reader.repositories_of(kAdministrator, {2, 9}, keep_all)),
              (std::vector<std::string>{"c", "d"}));
    const auto only_b = [](const forge::Repository& repository) { return repository.name == "b"; };
    EXPECT_EQ(names_of(*reader.repositories({0, 1}, only_b)), std::vector<std::string>{"b"});
    EXPECT_TRUE(reader.repositories({0, 0}, keep_all)->empty());
}

TEST(StateReader, knows_tokens_by_their_secret_while_they_count) {
    ChainHarness chain;
    const forge::CreateToken action{kAdministrator, "laptop", forge::ScopeSet::all(),
                                    forge::token_secret_hash("s3cret"), chain.now_ms + 50};
    const forge::TokenId id = chain.run_one(action).token;
    EXPECT_EQ(chain.reader().token_by_secret("s3cret")->id, id);
    EXPECT_EQ(chain.reader().tokens_of(kAdministrator)->size(), 2u);
    EXPECT_EQ(chain.reader().token_by_secret("other").error().code, ErrorCode::unauthenticated);
    chain.now_ms += 100;
    chain.run({});
    EXPECT_EQ(chain.reader().token_by_secret("s3cret").error().code, ErrorCode::unauthenticated);
    chain.run_one(forge::RevokeToken{kAdministratorToken});
    EXPECT_EQ(chain.reader().token_by_secret("operator secret").error().code,
              ErrorCode::unauthenticated);
}

TEST(StateReader, gives_refs_and_head_to_git) {
    ChainHarness chain;
    const forge::RepositoryId id = chain.repository("hello");
    chain.run_one(chain.push(id, "refs/heads/trunk", std::nullopt, object(1)));
    chain.run_one(chain.push(id, "refs/tags/v1", std::nullopt, object(2)));
    const StateRefSource refs(chain.store->snapshot(), *chain.reader().repository(id));
    EXPECT_EQ(*refs.head_target(), "refs/heads/trunk");
    EXPECT_EQ((*refs.find("refs/tags/v1"))->id, object(2));
    EXPECT_EQ(*refs.find("refs/tags/v2"), std::nullopt);
    std::vector<std::string> names;
    ASSERT_TRUE(refs.scan("", [&](const git::Ref& ref) {
        names.push_back(ref.name);
        return true;
    }));
    EXPECT_EQ(names, (std::vector<std::string>{"refs/heads/trunk", "refs/tags/v1"}));
}

TEST(StateReader, lists_packs_in_order_and_lets_housekeeping_replace_them) {
    ChainHarness chain;
    const forge::RepositoryId id = chain.repository("hello");
    const auto pack = [](Byte number) {
        return forge::PackReference{{crypto::hash("pack", Bytes{number})}, number, 1, {}};
    };
    std::optional<git::ObjectId> tip;
    for (Byte number = 1; number <= 3; ++number) {
        forge::UpdateRefs push = chain.push(id, "refs/heads/main", tip, object(number));
        push.pack = pack(number);
        chain.run_one(push);
        tip = object(number);
    }
    const auto sizes = [&] {
        std::vector<std::uint64_t> result;
        const auto packs = chain.reader().packs(id);
        for (const RepositoryPack& listed : *packs) result.push_back(listed.pack.size);
        return result;
    };
    EXPECT_EQ(sizes(), (std::vector<std::uint64_t>{1, 2, 3}));
    const crypto::Digest root = chain.tip().header.state_root;
    ASSERT_TRUE(
        chain.store->commit(replace_packs(id, {1, 2}, {{2, pack(77)}}), Durability::synced));
    EXPECT_EQ(sizes(), (std::vector<std::uint64_t>{77, 3}));
    EXPECT_EQ(chain.tip().header.state_root, root);
    chain.run_one(forge::DeleteRepository{id});
    EXPECT_TRUE(sizes().empty());
}

TEST(StateReader, lists_a_pack_once_that_was_pushed_twice) {
    ChainHarness chain;
    const forge::RepositoryId id = chain.repository("hello");
    for (const char* name : {"refs/heads/a", "refs/heads/b"}) {
        forge::UpdateRefs push = chain.push(id, name, std::nullopt, object(1));
        push.pack = forge::PackReference{{crypto::hash("pack", {})}, 10, 1, {}};
        chain.run_one(push);
    }
    const auto packs = *chain.reader().packs(id);
    ASSERT_EQ(packs.size(), 1u);
    EXPECT_EQ(packs[0].sequence, 1u);
}

TEST(StateReader, sees_one_height_whatever_is_committed_later) {
    ChainHarness chain;
    const StateReader before = chain.reader();
    chain.account("alice");
    EXPECT_EQ(before.account("alice").error().code, ErrorCode::not_found);
    EXPECT_EQ(before.head()->height, ledger::Height(0));
    EXPECT_TRUE(chain.reader().account("alice"));
}

}  // namespace
}  // namespace ashlar::chain
