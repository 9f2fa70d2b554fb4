#include "codec/record_state.h"

#include <gtest/gtest.h>

#include "codec/record_paths.h"
#include "ledger/empty_rows.h"
#include "ledger/storage_keys.h"
#include "samples.h"

namespace ashlar::codec {
namespace {

struct Fixture {
    ledger::Overlay rows{std::make_shared<ledger::EmptyRows>()};
    RecordState state{rows};

    crypto::Digest write(const std::vector<forge::Change>& changes) {
        RecordWriter writer(rows);
        EXPECT_TRUE(writer.apply(changes));
        return *writer.finish();
    }
};

TEST(RecordState, reads_what_the_writer_wrote) {
    Fixture fixture;
    fixture.write({forge::PutAccount{sample_account()}, forge::PutToken{sample_token()},
                   forge::PutRepository{sample_repository()},
                   forge::PutCounters{sample_counters()}});
    EXPECT_EQ(*fixture.state.account(sample_account().id), sample_account());
    EXPECT_EQ(*fixture.state.find_account("aLICE"), sample_account().id);
    EXPECT_EQ(*fixture.state.token(sample_token().id), sample_token());
    EXPECT_EQ(*fixture.state.find_token(sample_token().secret_hash), sample_token().id);
    EXPECT_EQ(*fixture.state.repository(sample_repository().id), sample_repository());
    EXPECT_EQ(*fixture.state.find_repository(forge::AccountId(7), "hello.world"),
              sample_repository().id);
    EXPECT_EQ(*fixture.state.counters(), sample_counters());
    EXPECT_EQ(*fixture.state.account(forge::AccountId(99)), std::nullopt);
}

TEST(RecordState, has_in_its_root_every_record_at_its_path) {
    Fixture fixture;
    const crypto::Digest root = fixture.write({forge::PutAccount{sample_account()}});
    const auto prove = [&](const std::string& path) {
        return *ledger::prove_in_tree(ledger::TreeKind::state,
                                      as_bytes(ledger::storage_prefix::kStateTree), fixture.rows,
                                      ledger::tree_key(ledger::TreeKind::state, as_bytes(path)));
    };
    const std::string path = account_path(sample_account().id);
    EXPECT_TRUE(ledger::verify_inclusion(
        ledger::TreeKind::state, root, ledger::tree_key(ledger::TreeKind::state, as_bytes(path)),
        ledger::tree_value(ledger::TreeKind::state, encode(sample_account())), prove(path)));
    const std::string absent = login_path("nobody-here");
    EXPECT_TRUE(ledger::verify_absence(ledger::TreeKind::state, root,
                                       ledger::tree_key(ledger::TreeKind::state, as_bytes(absent)),
                                       prove(absent)));
}

TEST(RecordState, lists_refs_by_prefix_in_order) {
    Fixture fixture;
    const forge::RepositoryId id = sample_repository().id;
    fixture.write({forge::PutRepository{sample_repository()},
                   forge::PutRef{id, {"refs/tags/v1", sample_object(3), sample_object(4)}},
                   forge::PutRef{id, {"refs/heads/b", sample_object(2), {}}},
                   forge::PutRef{id, {"refs/heads/a", sample_object(1), {}}},
                   forge::PutRef{forge::RepositoryId(id.value), {"refs/heads/c", {}, {}}},
                   forge::RemoveRef{id, "refs/heads/c"}});
    std::vector<std::string> names;
    ASSERT_TRUE(fixture.state.scan_refs(id, "refs/heads/", [&](const git::Ref& ref) {
        names.push_back(ref.name);
        return true;
    }));
    EXPECT_EQ(names, (std::vector<std::string>{"refs/heads/a", "refs/heads/b"}));
    EXPECT_EQ((*fixture.state.ref(id, "refs/tags/v1"))->peeled, sample_object(4));
}

TEST(RecordState, goes_on_with_refs_behind_a_name) {
    Fixture fixture;
    const forge::RepositoryId id = sample_repository().id;
    fixture.write({forge::PutRepository{sample_repository()},
                   forge::PutRef{id, {"refs/heads/a", sample_object(1), {}}},
                   forge::PutRef{id, {"refs/heads/a/b", sample_object(1), {}}},
                   forge::PutRef{id, {"refs/heads/b", sample_object(2), {}}},
                   forge::PutRef{id, {"refs/tags/v1", sample_object(3), {}}}});
    const auto names = [&](std::string_view prefix, std::string_view after) {
        std::vector<std::string> found;
        EXPECT_TRUE(fixture.state.scan_refs_after(id, prefix, after, [&](const git::Ref& ref) {
            found.push_back(ref.name);
            return true;
        }));
        return found;
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(names("refs/heads/", ""), (Names{"refs/heads/a", "refs/heads/a/b", "refs/heads/b"}));
    EXPECT_EQ(names("refs/heads/", "refs/heads/a"), (Names{"refs/heads/a/b", "refs/heads/b"}));
    EXPECT_EQ(names("refs/heads/", "refs/heads/aa"), (Names{"refs/heads/b"}));
    EXPECT_EQ(names("refs/heads/", "refs/heads/b"), Names{});
    EXPECT_EQ(names("", "refs/heads/a/b"), (Names{"refs/heads/b", "refs/tags/v1"}));
    EXPECT_EQ(names("refs/tags/", "refs/heads/a"), (Names{"refs/tags/v1"}));
}

TEST(RecordState, calls_a_damaged_record_corrupt) {
    Fixture fixture;
    fixture.rows.put(
        ledger::storage_key(ledger::storage_prefix::kState, account_path(forge::AccountId(1))),
        as_bytes("damaged!"));
    const auto account = fixture.state.account(forge::AccountId(1));
    ASSERT_FALSE(account);
    EXPECT_EQ(account.error().code, ErrorCode::corrupt);
    EXPECT_EQ(fixture.state.settings().error().code, ErrorCode::corrupt);
}

TEST(RecordState, has_the_same_root_whatever_the_order_of_writing) {
    Fixture one;
    const crypto::Digest root =
        one.write({forge::PutAccount{sample_account()}, forge::PutToken{sample_token()}});
    Fixture other;
    other.write({forge::PutToken{sample_token()}});
    EXPECT_EQ(other.write({forge::PutAccount{sample_account()}}), root);
}

}  // namespace
}  // namespace ashlar::codec
