// Random transactions, run by two validators: one builds, the other checks. Their states stay the
// same, are what a plain list of records gives, and do not depend on what is stored when.
#include "chain_harness.h"
#include "codec/record_paths.h"
#include "ledger/state_tree.h"
#include "ledger/storage_keys.h"
#include "support/seeded_random.h"

namespace ashlar::chain {
namespace {

class RandomActions {
  public:
    explicit RandomActions(std::uint64_t seed) : random_(seed) {}

    forge::Action next() {
        switch (random_.below(10)) {
            case 0:
                return account();
            case 1:
                return repository();
            case 2:
                return forge::DeleteRepository{repository_id()};
            case 3:
                return token();
            case 4:
                return description();
            default:
                return push();
        }
    }
    support::SeededRandom& random() { return random_; }

  private:
    forge::RepositoryId repository_id() { return forge::RepositoryId(1 + random_.below(6)); }
    std::string name() { return "name" + std::to_string(random_.below(8)); }

    forge::Action account() {
        forge::CreateAccount action;
        action.login = name();
        return action;
    }
    forge::Action repository() {
        forge::CreateRepository action;
        action.owner = forge::AccountId(1 + random_.below(3));
        action.name = name();
        return action;
    }
    forge::Action token() {
        return forge::CreateToken{forge::AccountId(1 + random_.below(3)),
                                  "token",
                                  {},
                                  crypto::hash("secret", Bytes{Byte(random_.below(20))}),
                                  std::nullopt};
    }
    forge::Action description() {
        forge::UpdateRepository action;
        action.repository = repository_id();
        action.description = name();
        return action;
    }
    std::optional<git::ObjectId> object_or_none() {
        if (random_.one_in(2)) return std::nullopt;
        return object(static_cast<Byte>(1 + random_.below(3)));
    }
    forge::Action push() {
        forge::UpdateRefs action;
        action.repository = repository_id();
        for (std::uint64_t i = 0; i <= random_.below(4); ++i) {
            std::string ref = "refs/heads/" + std::to_string(random_.below(4));
            if (random_.one_in(4)) ref += "/" + std::to_string(random_.below(2));
            action.updates.push_back({ref, object_or_none(), object_or_none(), std::nullopt});
        }
        if (random_.one_in(3)) action.atomicity = forge::RefAtomicity::all_or_none;
        if (random_.one_in(2)) {
            action.pack = forge::PackReference{{crypto::hash("pack", random_.bytes(8))}, 5, 1, {}};
        }
        return action;
    }

    support::SeededRandom random_;
};

// The state root that the stored records give, without the stored tree.
crypto::Digest naive_root(const KeyValueReader& rows) {
    std::vector<ledger::TreeEntry> entries;
    EXPECT_TRUE(rows.scan_prefix(as_bytes("s"), [&](ByteView key, ByteView value) {
        entries.push_back({ledger::tree_key(ledger::TreeKind::state, key.subspan(1)),
                           ledger::tree_value(ledger::TreeKind::state, value)});
        return true;
    }));
    return *ledger::root_of_entries(ledger::TreeKind::state, entries);
}

void expect_refs_roots(const StateReader& reader) {
    const auto repositories =
        *reader.repositories({0, 1000}, [](const forge::Repository&) { return true; });
    for (const forge::Repository& repository : repositories) {
        std::vector<ledger::TreeEntry> entries;
        EXPECT_TRUE(reader.records().scan_refs(repository.id, "", [&](const git::Ref& ref) {
            const Bytes name = codec::ref_tree_name(repository.id, ref.name);
            entries.push_back(
                {ledger::tree_key(ledger::TreeKind::refs, name),
                 ledger::tree_value(ledger::TreeKind::refs, codec::encode_ref_value(ref))});
            return true;
        }));
        EXPECT_EQ(entries.size(), repository.ref_count);
        EXPECT_EQ(*ledger::root_of_entries(ledger::TreeKind::refs, entries), repository.refs_root);
    }
}

Bytes all_rows(const KeyValueReader& rows) {
    Bytes all;
    EXPECT_TRUE(rows.scan({}, {}, [&](ByteView key, ByteView value) {
        append_big_endian_64(all, key.size());
        append(all, key);
        append_big_endian_64(all, value.size());
        append(all, value);
        return true;
    }));
    return all;
}

TEST(RandomChain, gives_two_validators_the_same_rows_and_roots) {
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        ChainHarness leader;
        ChainHarness follower;
        RandomActions actions(seed);
        std::size_t applied = 0;
        std::size_t refused = 0;
        for (int height = 1; height <= 25; ++height) {
            std::vector<forge::SignedTransaction> wishes;
            for (std::uint64_t i = actions.random().below(8); i > 0; --i) {
                wishes.push_back(leader.attested(actions.next()));
            }
            const ExecutedBlock built = leader.run(wishes);
            const auto checked =
                follower.executor.check(follower.tip(), built.block, leader.now_ms);
            ASSERT_TRUE(checked) << "seed " << seed << ": " << checked.error().message();
            ASSERT_EQ(checked->digest, built.digest) << "seed " << seed;
            ASSERT_EQ(checked->results, built.results) << "seed " << seed;
            follower.commit(*checked);
            for (const auto& result : built.results) ++(result.applied() ? applied : refused);
        }
        ASSERT_EQ(all_rows(*leader.store), all_rows(*follower.store)) << "seed " << seed;
        ASSERT_EQ(naive_root(*leader.store), leader.tip().header.state_root) << "seed " << seed;
        expect_refs_roots(leader.reader());
        EXPECT_GT(applied, 10u) << "seed " << seed;
        EXPECT_GT(refused, 10u) << "seed " << seed;
    }
}

TEST(RandomChain, gives_the_same_rows_when_several_blocks_wait_to_be_final) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        ChainHarness chain;
        RandomActions actions(seed);
        std::vector<ExecutedBlock> waiting;
        for (int height = 1; height <= 12; ++height) {
            std::vector<forge::SignedTransaction> wishes;
            for (int i = 0; i < 5; ++i) wishes.push_back(chain.attested(actions.next()));
            const ChainTip parent = waiting.empty() ? chain.tip() : waiting.back().tip();
            waiting.push_back(chain.build(parent, wishes).executed);
        }
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            chain.commit(waiting[i]);
            if (i + 1 < waiting.size()) waiting[i + 1].rows->set_parent(chain.store);
        }
        EXPECT_EQ(naive_root(*chain.store), chain.tip().header.state_root) << "seed " << seed;
        expect_refs_roots(chain.reader());
    }
}

}  // namespace
}  // namespace ashlar::chain
