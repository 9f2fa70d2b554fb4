#include "chain/block_executor.h"

#include "chain_harness.h"
#include "codec/block.h"
#include "ledger/transaction_tree.h"

namespace ashlar::chain {
namespace {

constexpr std::uint64_t kAnyTime = ~std::uint64_t{0};

forge::CreateAccount account_named(std::string login) {
    forge::CreateAccount action;
    action.login = std::move(login);
    return action;
}

TEST(BlockExecutor, gives_whoever_checks_a_block_the_state_of_who_built_it) {
    ChainHarness builder;
    ChainHarness checker;
    const BuiltBlock built = builder.build(builder.tip(), {builder.attested(account_named("alice")),
                                                           builder.attested(account_named("bob"))});
    const auto checked = checker.executor.check(checker.tip(), built.executed.block, kAnyTime);
    ASSERT_TRUE(checked) << checked.error().message();
    EXPECT_EQ(checked->digest, built.executed.digest);
    EXPECT_EQ(checked->results, built.executed.results);
    EXPECT_EQ(checked->transaction_ids, built.executed.transaction_ids);
}

TEST(BlockExecutor, builds_on_blocks_that_are_not_final) {
    ChainHarness chain;
    const BuiltBlock first = chain.build(chain.tip(), {chain.attested(account_named("alice"))});
    const BuiltBlock second =
        chain.build(first.executed.tip(),
                    {chain.attested(account_named("alice")), chain.attested(account_named("bob"))});
    EXPECT_EQ(second.executed.results[0].refusal->code, ErrorCode::already_exists);
    EXPECT_TRUE(second.executed.results[1].applied());
    // The stored state knows nothing of either.
    EXPECT_EQ(chain.reader().account("alice").error().code, ErrorCode::not_found);
    chain.commit(first.executed);
    second.executed.rows->set_parent(chain.store);
    chain.commit(second.executed);
    EXPECT_TRUE(chain.reader().account("bob"));
    EXPECT_EQ(chain.tip().digest, second.executed.digest);
}

TEST(BlockExecutor, keeps_a_refused_transaction_in_the_block_and_the_state_as_it_was) {
    ChainHarness chain;
    chain.account("alice");
    const auto accounts_before = *chain.reader().accounts({});
    const ExecutedBlock executed = chain.run({chain.attested(account_named("alice"))});
    EXPECT_EQ(executed.block.transactions.size(), 1u);
    EXPECT_EQ(executed.results[0].refusal->code, ErrorCode::already_exists);
    EXPECT_EQ(*chain.reader().accounts({}), accounts_before);
    EXPECT_EQ(chain.reader().records().counters()->last_account, forge::AccountId(2));
}

TEST(BlockExecutor, counts_a_transaction_once) {
    ChainHarness chain;
    const auto wish = chain.attested(account_named("alice"));
    const BuiltBlock twice = chain.build(chain.tip(), {wish, wish});
    EXPECT_EQ(twice.executed.results.size(), 1u);
    ASSERT_EQ(twice.dropped.size(), 1u);
    EXPECT_EQ(twice.dropped[0].second.code, ErrorCode::already_exists);
    chain.commit(twice.executed);
    const BuiltBlock later = chain.build(chain.tip(), {wish});
    EXPECT_TRUE(later.executed.results.empty());
    EXPECT_EQ(later.dropped.size(), 1u);
    const auto admitted = chain.executor.admit(chain.tip(), codec::encode(wish), chain.now_ms);
    EXPECT_EQ(admitted.error().code, ErrorCode::already_exists);
}

TEST(BlockExecutor, forgets_a_transaction_once_it_has_expired_and_refuses_it_all_the_same) {
    ChainHarness chain;
    const auto wish = chain.attested(account_named("alice"));
    chain.run({wish});
    const auto known = [&] {
        return chain.reader()
            .records()
            .transaction(wish.transaction.expires_ms, codec::id_of(wish.transaction))
            ->has_value();
    };
    EXPECT_TRUE(known());
    chain.now_ms = wish.transaction.expires_ms - 2;
    chain.run({});
    EXPECT_TRUE(known());
    chain.run({});
    EXPECT_FALSE(known());
    const BuiltBlock built = chain.build(chain.tip(), {wish});
    ASSERT_EQ(built.dropped.size(), 1u);
    EXPECT_EQ(built.dropped[0].second.code, ErrorCode::invalid);
}

TEST(BlockExecutor, refuses_transactions_that_live_too_long_or_are_for_another_network) {
    ChainHarness chain;
    forge::Transaction transaction = chain.attested(account_named("alice")).transaction;
    transaction.expires_ms = chain.now_ms + 601000;
    const auto admit = [&](const forge::SignedTransaction& wish) {
        return chain.executor.admit(chain.tip(), codec::encode(wish), chain.now_ms);
    };
    EXPECT_EQ(admit(codec::sign(transaction, chain.validator)).error().code, ErrorCode::invalid);
    transaction = chain.attested(account_named("alice")).transaction;
    transaction.chain.digest.bytes[0] ^= 1;
    EXPECT_EQ(admit(codec::sign(transaction, chain.validator)).error().code, ErrorCode::invalid);
}

TEST(BlockExecutor, refuses_signatures_that_are_not_the_validators_or_the_accounts) {
    ChainHarness chain;
    const auto admit = [&](const forge::SignedTransaction& wish) {
        return chain.executor.admit(chain.tip(), codec::encode(wish), chain.now_ms);
    };
    const crypto::SigningKey stranger = key_of(9);
    forge::SignedTransaction wish = chain.attested(account_named("alice"));
    EXPECT_TRUE(admit(wish));
    wish.signature.bytes[0] ^= 1;
    EXPECT_EQ(admit(wish).error().code, ErrorCode::unauthenticated);
    EXPECT_EQ(
        admit(codec::sign(chain.transaction_of(account_named("alice"), kAdministrator,
                                               forge::AttestedByValidator{stranger.public_key(),
                                                                          kAdministratorToken}),
                          stranger))
            .error()
            .code,
        ErrorCode::unauthenticated);

    forge::CreateAccount with_key = account_named("carol");
    with_key.key = stranger.public_key();
    const forge::AccountId carol = chain.run_one(with_key).account;
    forge::CreateRepository action;
    action.owner = carol;
    action.name = "mine";
    const auto own = chain.transaction_of(action, carol, forge::SignedByAccount{});
    EXPECT_EQ(admit(codec::sign(own, chain.validator)).error().code, ErrorCode::unauthenticated);
    EXPECT_TRUE(chain.run({codec::sign(own, stranger)}).results[0].applied());
    const auto keyless = chain.transaction_of(action, kAdministrator, forge::SignedByAccount{});
    EXPECT_EQ(admit(codec::sign(keyless, stranger)).error().code, ErrorCode::unauthenticated);
}

TEST(BlockExecutor, leaves_for_the_next_block_what_does_not_fit) {
    ChainHarness chain;
    const BlockExecutor small(chain.chain_id, {ledger::kBlockBytesMax, 1});
    const std::vector<PendingTransaction> waiting = {
        ChainHarness::pending(chain.attested(account_named("alice"))),
        ChainHarness::pending(chain.attested(account_named("bob")))};
    const auto built = small.build(chain.tip(), waiting, chain.now_ms);
    EXPECT_EQ(built->executed.results.size(), 1u);
    EXPECT_TRUE(built->full);
    EXPECT_TRUE(built->dropped.empty());
    const BlockExecutor tiny(chain.chain_id, {waiting[0].encoded.size(), 10});
    EXPECT_EQ(tiny.build(chain.tip(), waiting, chain.now_ms)->executed.results.size(), 1u);
}

TEST(BlockExecutor, gives_each_block_a_later_time_than_its_parents) {
    ChainHarness chain;
    const std::uint64_t before = chain.tip().header.time_ms;
    const auto built = chain.executor.build(chain.tip(), {}, 5);
    EXPECT_EQ(built->executed.block.header.time_ms, before + 1);
}

// Every way in which a block can be wrong.
TEST(BlockExecutor, gives_no_vote_to_a_block_that_is_wrong_in_anything) {
    ChainHarness chain;
    chain.account("alice");
    const ledger::Block good =
        chain.build(chain.tip(), {chain.attested(account_named("bob"))}).executed.block;
    const auto judged = [&](const auto& change) {
        ledger::Block block = good;
        change(block);
        const auto checked = chain.executor.check(chain.tip(), block, chain.now_ms);
        return checked ? std::optional<ErrorCode>() : checked.error().code;
    };
    EXPECT_EQ(judged([](ledger::Block&) {}), std::nullopt);
    using Block = ledger::Block;
    const std::vector<void (*)(Block&)> changes = {
        [](Block& block) { block.header.format_version = 2; },
        [](Block& block) { block.header.chain.digest.bytes[0] ^= 1; },
        [](Block& block) { block.header.epoch = block.header.epoch.next(); },
        [](Block& block) { block.header.height = block.header.height.next(); },
        [](Block& block) { block.header.parent.digest.bytes[0] ^= 1; },
        [](Block& block) { block.header.time_ms -= 1; },
        [](Block& block) { block.header.transaction_count = 2; },
        [](Block& block) { block.header.transactions_root.bytes[0] ^= 1; },
        [](Block& block) { block.header.state_root.bytes[0] ^= 1; },
        [](Block& block) { block.header.next_validators = crypto::Digest{}; },
        [](Block& block) { block.transactions.clear(); },
        [](Block& block) { block.transactions[0].back() ^= 1; },
        [](Block& block) {
            block.transactions.push_back(block.transactions[0]);
            block.header.transaction_count = 2;
            block.header.transactions_root = ledger::transactions_root(block.transactions);
        },
        [](Block& block) {
            block.transactions[0].back() ^= 1;
            block.header.transactions_root = ledger::transactions_root(block.transactions);
        },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        EXPECT_EQ(judged(changes[i]), ErrorCode::invalid) << "change " << i;
    }
    EXPECT_EQ(judged([](Block& block) { block.header.time_ms += 10000; }), ErrorCode::unavailable);
}

TEST(BlockExecutor, names_the_packs_of_the_pushes_that_were_applied) {
    ChainHarness chain;
    const forge::RepositoryId id = chain.repository("hello");
    forge::UpdateRefs push = chain.push(id, "refs/heads/main", std::nullopt, object(1));
    push.pack = forge::PackReference{{crypto::hash("test", {})}, 10, 1, {}};
    forge::UpdateRefs stale = chain.push(id, "refs/heads/main", object(9), object(1));
    stale.pack = forge::PackReference{{crypto::hash("test", as_bytes("x"))}, 10, 1, {}};
    const ExecutedBlock executed = chain.run({chain.attested(push), chain.attested(stale)});
    EXPECT_EQ(executed.packs, std::vector<forge::PackReference>{*push.pack});
}

}  // namespace
}  // namespace ashlar::chain
