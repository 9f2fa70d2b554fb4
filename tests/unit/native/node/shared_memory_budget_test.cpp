#include "native/node/shared_memory_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace ashlar::node {
namespace {

TEST(SharedMemoryBudget, leaves_room_for_the_next) {
    SharedMemoryBudget budget(100);
    EXPECT_EQ(budget.take(10, 40), 40u);
    EXPECT_EQ(budget.take(10, 40), 30u);  // half of what is free
    EXPECT_EQ(budget.take(20, 40), 20u);
    budget.give_back(90);
    EXPECT_EQ(budget.free_bytes(), 100u);
}

TEST(SharedMemoryBudget, gives_all_there_is_to_who_needs_more) {
    SharedMemoryBudget budget(100);
    EXPECT_EQ(budget.take(1000, 2000), 100u);
    budget.give_back(100);
    EXPECT_EQ(budget.take(5, 1), 5u);
}

TEST(SharedMemoryBudget, is_never_overdrawn_and_lets_everybody_in) {
    SharedMemoryBudget budget(100);
    std::atomic<std::uint64_t> held = 0;
    std::atomic<bool> overdrawn = false;
    std::vector<std::thread> threads;
    for (std::uint64_t i = 0; i < 8; ++i) {
        threads.emplace_back([&, i] {
            for (int turn = 0; turn < 200; ++turn) {
                const MemoryShare share(&budget, 10 + i * 12, 100);
                if ((held += share.bytes()) > 100) overdrawn = true;
                if (share.bytes() < 10 + i * 12) overdrawn = true;
                held -= share.bytes();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_FALSE(overdrawn);
    EXPECT_EQ(budget.free_bytes(), 100u);
}

TEST(MemoryShare, without_a_budget_is_all_that_is_wanted) {
    EXPECT_EQ(MemoryShare(nullptr, 1, 7).bytes(), 7u);
}

}  // namespace
}  // namespace ashlar::node
