#include "codec/record_paths.h"
#include "forge_harness.h"

namespace ashlar::forge {
namespace {

const std::string kMain = "refs/heads/main";

RefUpdate create(std::string name, Byte new_id) {
    return {std::move(name), std::nullopt, object(new_id), std::nullopt};
}
RefUpdate change(std::string name, Byte old_id, Byte new_id) {
    return {std::move(name), object(old_id), object(new_id), std::nullopt};
}
RefUpdate remove(std::string name, Byte old_id) {
    return {std::move(name), object(old_id), std::nullopt, std::nullopt};
}

TEST(RefRules, compare_and_swap) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    EXPECT_TRUE(forge.push(kAlice, id, {create(kMain, 1)}).applied());
    EXPECT_TRUE(forge.push(kAlice, id, {change(kMain, 1, 2)}).applied());
    EXPECT_EQ(code_of(forge.push(kAlice, id, {change(kMain, 1, 3)})), ErrorCode::conflict);
    EXPECT_EQ(code_of(forge.push(kAlice, id, {create(kMain, 3)})), ErrorCode::conflict);
    EXPECT_EQ(code_of(forge.push(kAlice, id, {remove(kMain, 1)})), ErrorCode::conflict);
    EXPECT_EQ(forge.ref(id, kMain), object(2));
    EXPECT_TRUE(forge.push(kAlice, id, {remove(kMain, 2)}).applied());
    EXPECT_EQ(forge.ref(id, kMain), std::nullopt);
    EXPECT_EQ(forge.stored(id).ref_count, 0u);
    EXPECT_TRUE(forge.stored(id).refs_root.is_zero());
}

TEST(RefRules, refuse_a_stale_ref_alone_and_update_the_others) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    forge.push(kAlice, id, {create(kMain, 1)});
    const TransactionResult result =
        forge.push(kAlice, id, {create(kMain, 9), create("refs/heads/topic", 2)});
    EXPECT_TRUE(result.applied());
    ASSERT_EQ(result.refs.size(), 2u);
    EXPECT_EQ(code_of(result.refs[0]), ErrorCode::conflict);
    EXPECT_EQ(code_of(result.refs[1]), std::nullopt);
    EXPECT_EQ(forge.ref(id, kMain), object(1));
    EXPECT_EQ(forge.ref(id, "refs/heads/topic"), object(2));
}

TEST(RefRules, update_all_or_none_when_asked_to) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    forge.push(kAlice, id, {create(kMain, 1)});
    const TransactionResult result = forge.push(
        kAlice, id, {create("refs/heads/topic", 2), create(kMain, 9)}, RefAtomicity::all_or_none);
    EXPECT_EQ(code_of(result), ErrorCode::conflict);
    EXPECT_EQ(code_of(result.refs[0]), ErrorCode::conflict);
    EXPECT_EQ(code_of(result.refs[1]), ErrorCode::conflict);
    EXPECT_EQ(forge.ref(id, "refs/heads/topic"), std::nullopt);
    EXPECT_TRUE(forge
                    .push(kAlice, id, {create("refs/heads/topic", 2), change(kMain, 1, 9)},
                          RefAtomicity::all_or_none)
                    .applied());
}

TEST(RefRules, let_no_ref_stand_above_or_below_another) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    forge.push(kAlice, id, {create("refs/heads/a", 1), create("refs/heads/x/y", 1)});
    EXPECT_FALSE(forge.push(kAlice, id, {create("refs/heads/a/b", 1)}).applied());
    EXPECT_FALSE(forge.push(kAlice, id, {create("refs/heads/x", 1)}).applied());
    EXPECT_TRUE(forge.push(kAlice, id, {create("refs/heads/ab", 1)}).applied());
    // Within one push, too: whichever comes first.
    const TransactionResult both =
        forge.push(kAlice, id, {create("refs/heads/n/o", 1), create("refs/heads/n", 1)});
    EXPECT_EQ(code_of(both.refs[0]), std::nullopt);
    EXPECT_EQ(code_of(both.refs[1]), ErrorCode::conflict);
}

TEST(RefRules, let_a_push_put_a_folder_of_refs_in_the_place_of_one_that_it_deletes) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    forge.push(kAlice, id, {create("refs/heads/a", 1)});
    EXPECT_TRUE(forge
                    .push(kAlice, id, {create("refs/heads/a/b", 2), remove("refs/heads/a", 1)},
                          RefAtomicity::all_or_none)
                    .applied());
    EXPECT_TRUE(forge
                    .push(kAlice, id, {create("refs/heads/a", 3), remove("refs/heads/a/b", 2)},
                          RefAtomicity::all_or_none)
                    .applied());
    EXPECT_EQ(forge.ref(id, "refs/heads/a"), object(3));
    EXPECT_EQ(forge.stored(id).ref_count, 1u);
}

TEST(RefRules, refuse_malformed_updates) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    EXPECT_EQ(code_of(forge.push(kAlice, id, {})), ErrorCode::invalid);
    EXPECT_EQ(code_of(forge.push(kAlice, id, {create(kMain, 1), create(kMain, 2)})),
              ErrorCode::invalid);
    for (const char* name :
         {"refs/heads/a..b", "main", "HEAD", "heads/main", "refs/heads/.a", ""}) {
        EXPECT_FALSE(forge.push(kAlice, id, {create(name, 1)}).applied()) << name;
    }
    EXPECT_FALSE(forge.push(kAlice, id, {create(kMain, 0)}).applied());
    EXPECT_FALSE(forge.push(kAlice, id, {{kMain, {}, {}, {}}}).applied());
    EXPECT_EQ(forge.stored(id).ref_count, 0u);
}

TEST(RefRules, hold_the_limits_of_the_network) {
    Settings settings;
    settings.refs_per_push_max = 2;
    settings.refs_per_repository_max = 3;
    settings.push_options_max = 1;
    settings.pack_bytes_max = 100;
    ForgeHarness forge(settings);
    const RepositoryId id = forge.repository(kAlice, "hello");
    const auto ref = [](int i) { return create("refs/heads/" + std::to_string(i), 1); };
    EXPECT_EQ(code_of(forge.push(kAlice, id, {ref(1), ref(2), ref(3)})), ErrorCode::limit_exceeded);
    EXPECT_TRUE(forge.push(kAlice, id, {ref(1), ref(2)}).applied());
    const TransactionResult result = forge.push(kAlice, id, {ref(3), ref(4)});
    EXPECT_EQ(code_of(result.refs[0]), std::nullopt);
    EXPECT_EQ(code_of(result.refs[1]), ErrorCode::limit_exceeded);
    UpdateRefs action;
    action.repository = id;
    action.updates = {change("refs/heads/1", 1, 2)};
    action.push_options = {"a", "b"};
    EXPECT_EQ(code_of(forge.run(kAlice, action)), ErrorCode::limit_exceeded);
    action.push_options.pop_back();
    action.pack = PackReference{{}, 101, 1, {}};
    EXPECT_EQ(code_of(forge.run(kAlice, action)), ErrorCode::limit_exceeded);
    action.pack->size = 100;
    EXPECT_TRUE(forge.run(kAlice, action).applied());
}

TEST(RefRules, attach_the_pack_of_a_push_that_updated_something) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    UpdateRefs action;
    action.repository = id;
    action.updates = {create(kMain, 1)};
    action.pack = PackReference{{crypto::hash("test", {})}, 123, 4, {}};
    ASSERT_TRUE(forge.run(kAlice, action).applied());
    EXPECT_EQ(forge.stored(id).pack_sequence, 1u);
    EXPECT_EQ(forge.stored(id).pack_bytes, 123u);
    EXPECT_EQ(forge.stored(id).pushed_ms, forge.time_ms);
    ASSERT_FALSE(forge.run(kAlice, action).applied());
    EXPECT_EQ(forge.stored(id).pack_sequence, 1u);
}

TEST(RefRules, remember_that_packs_may_hold_what_no_ref_reaches) {
    ForgeHarness forge;
    const RepositoryId plain = forge.repository(kAlice, "plain");
    forge.push(kAlice, plain, {create(kMain, 1)});
    forge.push(kAlice, plain, {change(kMain, 1, 2)});
    EXPECT_FALSE(forge.stored(plain).may_hold_unreachable);

    const RepositoryId deleted = forge.repository(kAlice, "deleted");
    forge.push(kAlice, deleted, {create(kMain, 1)});
    forge.push(kAlice, deleted, {remove(kMain, 1)});
    EXPECT_TRUE(forge.stored(deleted).may_hold_unreachable);

    UpdateRefs action;
    action.updates = {create(kMain, 1), change("refs/heads/stale", 1, 2)};
    action.pack = PackReference{};
    action.repository = forge.repository(kAlice, "partly-refused");
    ASSERT_TRUE(forge.run(kAlice, action).applied());
    EXPECT_TRUE(forge.stored(action.repository).may_hold_unreachable);

    action.updates.pop_back();
    action.rewinds = true;
    action.repository = forge.repository(kAlice, "forced");
    ASSERT_TRUE(forge.run(kAlice, action).applied());
    EXPECT_TRUE(forge.stored(action.repository).may_hold_unreachable);
}

TEST(RefRules, take_the_default_branch_from_the_first_push) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    forge.push(kAlice, id, {create("refs/tags/v1", 1)});
    EXPECT_EQ(forge.stored(id).default_branch, "main");
    const RepositoryId other = forge.repository(kAlice, "other");
    forge.push(kAlice, other, {create("refs/heads/topic", 1), create("refs/heads/master", 1)});
    EXPECT_EQ(forge.stored(other).default_branch, "master");
    forge.push(kAlice, other, {create("refs/heads/main", 1)});
    EXPECT_EQ(forge.stored(other).default_branch, "master");
}

TEST(RefRules, let_only_those_with_the_right_push) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    EXPECT_EQ(code_of(forge.push(kBob, id, {create(kMain, 1)})), ErrorCode::forbidden);
    UpdateRefs action;
    action.repository = id;
    action.updates = {create(kMain, 1)};
    const TokenId reads = forge.token(kAlice, ScopeSet().with(Scope::repository_read));
    EXPECT_EQ(code_of(forge.run(kAlice, reads, action)), ErrorCode::forbidden);
    const TokenId writes = forge.token(kAlice, ScopeSet().with(Scope::repository_write));
    EXPECT_TRUE(forge.run(kAlice, writes, action).applied());
}

TEST(RefRules, keep_the_refs_root_that_the_list_of_refs_gives) {
    ForgeHarness forge;
    const RepositoryId id = forge.repository(kAlice, "hello");
    forge.push(
        kAlice, id,
        {create(kMain, 1), create("refs/heads/b", 2), {"refs/tags/v1", {}, object(3), object(4)}});
    forge.push(kAlice, id, {change("refs/heads/b", 2, 5), remove(kMain, 1)});
    std::vector<ledger::TreeEntry> entries;
    ASSERT_TRUE(forge.state().scan_refs(id, "", [&](const git::Ref& ref) {
        entries.push_back(
            {ledger::tree_key(ledger::TreeKind::refs, codec::ref_tree_name(id, ref.name)),
             ledger::tree_value(ledger::TreeKind::refs, codec::encode_ref_value(ref))});
        return true;
    }));
    EXPECT_EQ(entries.size(), forge.stored(id).ref_count);
    EXPECT_EQ(*ledger::root_of_entries(ledger::TreeKind::refs, entries),
              forge.stored(id).refs_root);
}

}  // namespace
}  // namespace ashlar::forge
