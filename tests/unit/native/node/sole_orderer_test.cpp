#include "native/node/sole_orderer.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <thread>

#include "node_world.h"

namespace ashlar::node {
namespace {

forge::CreateRepository repository(const Author& author, int number) {
    forge::CreateRepository action;
    action.owner = author.account.id;
    action.name = "r" + std::to_string(number);
    return action;
}

TEST(SoleOrderer, puts_what_waits_together_into_one_block) {
    NodeWorld world(1);
    const auto node = world.start_well();
    const Author author = administrator(*node);
    // The observer holds the orderer up at its first block, until all the others wait.
    std::mutex mutex;
    std::condition_variable changed;
    bool released = false;
    std::vector<std::size_t> sizes;
    const auto subscription = node->orderer().subscribe([&](const chain::FinalizedBlock& block) {
        std::unique_lock lock(mutex);
        sizes.push_back(block.transaction_ids.size());
        changed.wait(lock, [&released] { return released; });
    });
    constexpr int kCount = 50;
    int answered = 0;
    for (int i = 0; i < kCount; ++i) {
        node->submit(author, repository(author, i), [&](const Expected<chain::Receipt>& receipt) {
            EXPECT_TRUE(receipt && receipt->result.applied());
            const std::lock_guard lock(mutex);
            ++answered;
            changed.notify_all();
        });
    }
    std::unique_lock lock(mutex);
    released = true;
    changed.notify_all();
    changed.wait(lock, [&answered] { return answered == kCount; });
    EXPECT_LE(sizes.size(), 3u);
    std::size_t sum = 0;
    for (const std::size_t size : sizes) sum += size;
    EXPECT_EQ(sum, std::size_t{kCount});
}

TEST(SoleOrderer, answers_only_when_the_block_is_durable) {
    NodeWorld world(2);
    const auto node = world.start_well();
    const Author author = administrator(*node);
    for (int i = 0; i < 10; ++i) {
        const auto receipt = node->submit_and_wait(author, repository(author, i));
        ASSERT_TRUE(receipt) << receipt.error().message();
        // What a crash right now would leave.
        support::FaultyKeyValue& rows = world.machine().rows();
        EXPECT_EQ(receipt->height.value, static_cast<std::uint64_t>(i) + 1);
        EXPECT_EQ(rows.unsynced_count(), 0u);
    }
}

TEST(SoleOrderer, refuses_more_than_may_wait) {
    NodeWorld world(3);
    world.options().orderer.waiting_count_max = 0;
    const auto node = world.start_well();
    const Author author = administrator(*node);
    const auto refused = node->submit_and_wait(author, repository(author, 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::limit_exceeded);
}

TEST(SoleOrderer, a_refusal_by_the_rules_is_a_result) {
    NodeWorld world(4);
    const auto node = world.start_well();
    const Author author = administrator(*node);
    ASSERT_TRUE(node->submit_and_wait(author, repository(author, 1)));
    const auto refused = node->submit_and_wait(author, repository(author, 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::already_exists);
    EXPECT_EQ(node->state()->head()->height.value, 2u);
}

TEST(SoleOrderer, makes_empty_blocks_when_nothing_comes) {
    NodeWorld world(5);
    world.options().orderer.heartbeat_ms = 5;
    const auto node = world.start_well();
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<chain::FinalizedBlock> blocks;
    const auto subscription = node->orderer().subscribe([&](const chain::FinalizedBlock& block) {
        const std::lock_guard lock(mutex);
        blocks.push_back(block);
        changed.notify_all();
    });
    std::unique_lock lock(mutex);
    changed.wait(lock, [&blocks] { return blocks.size() >= 3; });
    EXPECT_TRUE(blocks[0].transaction_ids.empty());
    EXPECT_TRUE(blocks[0].finalization.has_value());
    EXPECT_EQ(blocks[1].block.header.height, blocks[0].block.header.height.next());
    EXPECT_EQ(blocks[1].block.header.parent, blocks[0].digest);
    EXPECT_GT(blocks[1].block.header.time_ms, blocks[0].block.header.time_ms);
}

TEST(SoleOrderer, takes_transactions_from_many_threads) {
    NodeWorld world(6);
    const auto node = world.start_well();
    const Author author = administrator(*node);
    std::vector<std::thread> clients;
    std::atomic<int> applied = 0;
    for (int client = 0; client < 8; ++client) {
        clients.emplace_back([&, client] {
            for (int i = 0; i < 10; ++i) {
                if (node->submit_and_wait(author, repository(author, client * 10 + i))) ++applied;
            }
        });
    }
    for (std::thread& client : clients) client.join();
    EXPECT_EQ(applied, 80);
}

TEST(SoleOrderer, what_waits_at_the_end_is_refused_and_not_forgotten) {
    NodeWorld world(7);
    std::atomic<int> answered = 0;
    constexpr int kCount = 30;
    {
        const auto node = world.start_well();
        const Author author = administrator(*node);
        for (int i = 0; i < kCount; ++i) {
            node->submit(author, repository(author, i),
                         [&answered](const Expected<chain::Receipt>&) { ++answered; });
        }
    }
    EXPECT_EQ(answered, kCount);
}

TEST(SoleOrderer, hands_over_where_the_network_gets_other_validators) {
    NodeWorld world(9);
    auto node = world.start_well();
    const Author author = administrator(*node);
    forge::Validator other{crypto::SigningKey::from_seed(Bytes(32, 77))->public_key(), "other"};
    const auto receipt = node->submit_and_wait(author, forge::ChangeValidators{{}, other});
    ASSERT_TRUE(receipt) << receipt.error().message();
    EXPECT_EQ(node->state()->validators()->validators.size(), 2u);
    const auto after = node->submit_and_wait(author, repository(author, 1));
    ASSERT_FALSE(after);
    EXPECT_EQ(after.error().code, ErrorCode::unavailable);
}

}  // namespace
}  // namespace ashlar::node
