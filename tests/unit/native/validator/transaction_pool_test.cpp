#include "native/validator/transaction_pool.h"

#include <gtest/gtest.h>

namespace ashlar::validator {
namespace {

TransactionPool::Entry entry(int number, std::uint64_t expires_ms = 1000) {
    TransactionPool::Entry made;
    made.transaction.id.digest = crypto::hash("test", as_bytes(std::to_string(number)));
    made.transaction.encoded = Bytes(10, static_cast<Byte>(number));
    made.expires_ms = expires_ms;
    made.ready = true;
    return made;
}

TransactionPool::Entry from_peer(int number, Byte peer) {
    TransactionPool::Entry made = entry(number);
    made.from.emplace();
    made.from->bytes.fill(peer);
    return made;
}

TEST(TransactionPool, gives_what_is_ready_in_the_order_in_which_it_came) {
    TransactionPool pool({});
    for (int i = 0; i < 4; ++i) {
        TransactionPool::Entry one = entry(i);
        one.ready = i != 2;
        EXPECT_FALSE(pool.add(std::move(one)));
    }
    const auto found = pool.candidates({entry(1).transaction.id});
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].id, entry(0).transaction.id);
    EXPECT_EQ(found[1].id, entry(3).transaction.id);
    EXPECT_EQ(pool.not_ready(), std::vector{entry(2).transaction.id});
    EXPECT_FALSE(pool.has_ready_besides(
        {entry(0).transaction.id, entry(1).transaction.id, entry(3).transaction.id}));
}

TEST(TransactionPool, takes_nothing_twice) {
    TransactionPool pool({});
    EXPECT_FALSE(pool.add(entry(1)));
    EXPECT_EQ(pool.add(from_peer(1, 7))->why.code, ErrorCode::already_exists);
    EXPECT_FALSE(pool.finish(entry(1).transaction.id));
    EXPECT_EQ(pool.add(entry(1))->why.code, ErrorCode::already_exists);
    EXPECT_TRUE(pool.is_done(entry(1).transaction.id));
    pool.sweep(1000);
    EXPECT_FALSE(pool.is_done(entry(1).transaction.id));
}

TEST(TransactionPool, lets_a_client_wait_for_what_was_forwarded_before) {
    TransactionPool pool({});
    EXPECT_FALSE(pool.add(from_peer(1, 7)));
    TransactionPool::Entry own = entry(1);
    int answered = 0;
    own.completion = [&answered](const Expected<chain::Receipt>&) { ++answered; };
    own.answer_by_ms = 500;
    EXPECT_FALSE(pool.add(std::move(own)));
    EXPECT_EQ(pool.size(), 1U);
    for (const auto& completion : pool.sweep(499)) completion({});
    EXPECT_EQ(answered, 0);
    for (const auto& completion : pool.sweep(500)) completion({});
    EXPECT_EQ(answered, 1);
    // It may still become final, until it expires.
    EXPECT_EQ(pool.size(), 1U);
    EXPECT_EQ(pool.next_sweep_ms(), 1000U);
    EXPECT_TRUE(pool.sweep(1000).empty());
    EXPECT_EQ(pool.size(), 0U);
}

TEST(TransactionPool, knows_by_whom_what_waits_is_signed) {
    TransactionPool pool({});
    TransactionPool::Entry one = entry(1);
    crypto::PublicKey key;
    key.bytes.fill(9);
    one.transaction.checked_key = key;
    const Bytes encoded = one.transaction.encoded;
    EXPECT_FALSE(pool.key_of(encoded));
    EXPECT_FALSE(pool.add(std::move(one)));
    EXPECT_EQ(pool.key_of(encoded), key);
    EXPECT_FALSE(pool.key_of(entry(2).transaction.encoded));
    pool.finish(entry(1).transaction.id);
    EXPECT_FALSE(pool.key_of(encoded));
}

TEST(TransactionPool, bounds_each_validators_share) {
    PoolLimits limits;
    limits.peer_count_max = 2;
    limits.own_bytes_max = 25;
    TransactionPool pool(limits);
    EXPECT_FALSE(pool.add(from_peer(1, 7)));
    EXPECT_FALSE(pool.add(from_peer(2, 7)));
    EXPECT_EQ(pool.add(from_peer(3, 7))->why.code, ErrorCode::limit_exceeded);
    EXPECT_FALSE(pool.add(from_peer(3, 8)));
    EXPECT_FALSE(pool.add(entry(4)));
    EXPECT_FALSE(pool.add(entry(5)));
    EXPECT_EQ(pool.add(entry(6))->why.code, ErrorCode::limit_exceeded);
    pool.drop(entry(4).transaction.id);
    EXPECT_FALSE(pool.add(entry(6)));
    EXPECT_EQ(pool.own().size(), 2U);
}

TEST(TransactionPool, remembers_a_bounded_number_of_what_is_final) {
    PoolLimits limits;
    limits.done_count_max = 2;
    TransactionPool pool(limits);
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(pool.add(entry(i, 1000 + static_cast<std::uint64_t>(i))));
        pool.finish(entry(i).transaction.id);
    }
    EXPECT_FALSE(pool.is_done(entry(0).transaction.id));
    EXPECT_TRUE(pool.is_done(entry(2).transaction.id));
}

}  // namespace
}  // namespace ashlar::validator
