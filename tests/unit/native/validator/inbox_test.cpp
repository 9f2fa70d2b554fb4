#include "native/validator/inbox.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "native/validator/background.h"

namespace ashlar::validator {
namespace {

crypto::PublicKey peer(Byte number) {
    crypto::PublicKey key;
    key.bytes.fill(number);
    return key;
}

TEST(Inbox, gives_all_that_waits_in_order) {
    Inbox inbox;
    std::vector<int> done;
    for (int i = 0; i < 3; ++i) inbox.post([&done, i] { done.push_back(i); });
    const auto work = inbox.take_until(std::nullopt);
    ASSERT_TRUE(work);
    for (const auto& item : *work) item();
    EXPECT_EQ(done, (std::vector{0, 1, 2}));
    EXPECT_TRUE(inbox.take_until(Inbox::Clock::now())->empty());
}

TEST(Inbox, bounds_what_one_peer_has_waiting) {
    Inbox inbox;
    const auto nothing = [] {};
    EXPECT_TRUE(inbox.post_from(peer(1), 2 * kInboxBytesPerPeerMax, nothing));
    EXPECT_FALSE(inbox.post_from(peer(1), 1, nothing));
    for (std::size_t i = 0; i < kInboxMessagesPerPeerMax; ++i) {
        EXPECT_TRUE(inbox.post_from(peer(2), 1, nothing));
    }
    EXPECT_FALSE(inbox.post_from(peer(2), 1, nothing));
    EXPECT_EQ(inbox.take_until(std::nullopt)->size(), kInboxMessagesPerPeerMax + 1);
    EXPECT_TRUE(inbox.post_from(peer(1), 1, nothing));
}

TEST(Inbox, wakes_who_waits_when_it_closes) {
    Inbox inbox;
    std::thread waiting([&inbox] { EXPECT_FALSE(inbox.take_until(std::nullopt)); });
    inbox.close();
    waiting.join();
    EXPECT_FALSE(inbox.post_from(peer(1), 1, [] {}));
}

TEST(Background, does_the_work_and_bounds_each_peers_share) {
    std::atomic<int> done = 0;
    std::mutex held;
    {
        Background background;
        std::unique_lock hold(held);
        // The first one keeps the thread busy.
        EXPECT_TRUE(background.post(peer(1), 1, [&] {
            const std::lock_guard lock(held);
            ++done;
        }));
        for (std::size_t i = 1; i < kBackgroundJobsPerPeerMax; ++i) {
            EXPECT_TRUE(background.post(peer(1), 1, [&done] { ++done; }));
        }
        EXPECT_FALSE(background.post(peer(1), 1, [&done] { ++done; }));
        EXPECT_TRUE(background.post(peer(2), 2 * kBackgroundBytesPerPeerMax, [&done] { ++done; }));
        EXPECT_FALSE(background.post(peer(2), 1, [&done] { ++done; }));
        hold.unlock();
        while (done < static_cast<int>(kBackgroundJobsPerPeerMax) + 1) std::this_thread::yield();
    }
    EXPECT_EQ(done, static_cast<int>(kBackgroundJobsPerPeerMax) + 1);
}

}  // namespace
}  // namespace ashlar::validator
