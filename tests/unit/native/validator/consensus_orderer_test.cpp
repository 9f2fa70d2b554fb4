#include "native/validator/consensus_orderer.h"

#include <gtest/gtest.h>

#include <thread>

#include "chain/state_reader.h"
#include "codec/consensus_messages.h"
#include "codec/transaction.h"
#include "orderer_world.h"

namespace ashlar::validator {
namespace {

using Answer = std::future<Expected<chain::Receipt>>;

chain::StateReader state_of(Member& member) {
    return chain::StateReader(std::shared_ptr<const KeyValueReader>(member.rows().snapshot()));
}

// The same block at every height that both have.
void expect_same_chain(OrdererWorld& world) {
    const chain::StateReader first = state_of(world[0]);
    for (std::size_t i = 1; i < world.size(); ++i) {
        const chain::StateReader other = state_of(world[i]);
        const ledger::Height common(
            std::min(first.head()->height.value, other.head()->height.value));
        for (ledger::Height at(1); at <= common; at = at.next()) {
            ASSERT_EQ(first.block(at)->digest, other.block(at)->digest) << at.value;
        }
    }
}

TEST(ConsensusOrderer, four_agree_on_what_any_of_them_was_given) {
    OrdererWorld world(4);
    world.start_all();
    std::vector<Answer> answers;
    for (std::size_t i = 0; i < 40; ++i) {
        answers.push_back(world[i % 4].submit(create_account("account-" + std::to_string(i))));
    }
    std::uint64_t height = 0;
    for (Answer& answer : answers) {
        const auto receipt = answer.get();
        ASSERT_TRUE(receipt) << receipt.error().message();
        EXPECT_TRUE(receipt->result.applied());
        height = std::max(height, receipt->height.value);
    }
    ASSERT_TRUE(world.wait_for_height(height, {0, 1, 2, 3}));
    for (std::size_t i = 0; i < 4; ++i) {
        for (int account = 0; account < 40; ++account) {
            EXPECT_TRUE(state_of(world[i]).account("account-" + std::to_string(account)));
        }
    }
    expect_same_chain(world);
    EXPECT_TRUE(world.refusals().empty());
    EXPECT_TRUE(world.failures().empty());
}

TEST(ConsensusOrderer, a_receipt_means_that_a_read_here_sees_it) {
    OrdererWorld world(4);
    world.start_all();
    for (int i = 0; i < 10; ++i) {
        const std::string name = "account-" + std::to_string(i);
        ASSERT_TRUE(world[1].submit(create_account(name)).get());
        EXPECT_TRUE(state_of(world[1]).account(name));
    }
}

TEST(ConsensusOrderer, goes_on_while_one_is_down_and_it_catches_up) {
    OrdererWorld world(4);
    world.start_all();
    ASSERT_TRUE(world[0].submit(create_account("first")).get());
    world[3].stop();
    world.connect();
    std::uint64_t height = 0;
    for (int i = 0; i < 8; ++i) {
        const auto receipt = world[0].submit(create_account("account-" + std::to_string(i))).get();
        ASSERT_TRUE(receipt) << receipt.error().message();
        height = receipt->height.value;
    }
    world[3].start();
    world.connect();
    ASSERT_TRUE(world.wait_for_height(height, {0, 1, 2, 3}));
    EXPECT_TRUE(state_of(world[3]).account("account-7"));
    expect_same_chain(world);
    EXPECT_TRUE(world.failures().empty());
}

TEST(ConsensusOrderer, restarts_of_all_lose_nothing) {
    OrdererWorld world(4);
    world.start_all();
    for (int round = 0; round < 3; ++round) {
        const std::string name = "round-" + std::to_string(round);
        const auto receipt = world[1].submit(create_account(name)).get();
        ASSERT_TRUE(receipt) << receipt.error().message();
        for (std::size_t i = 0; i < 4; ++i) world[i].stop();
        world.start_all();
        ASSERT_TRUE(world.wait_for_height(receipt->height.value, {0, 1, 2, 3}));
        for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(state_of(world[i]).account(name));
    }
    EXPECT_TRUE(world.failures().empty());
}

// Many at once, so that the cut meets some of them anywhere on their way.
TEST(ConsensusOrderer, a_power_cut_of_all_at_once_loses_nothing_that_was_answered) {
    OrdererWorld world(4);
    for (std::size_t round = 0; round < 6; ++round) {
        world.start_all();
        std::vector<std::pair<std::string, Answer>> asked;
        for (std::size_t i = 0; i < 24; ++i) {
            std::string name = "round-" + std::to_string(round) + "-" + std::to_string(i);
            Answer answer = world[i % 4].submit(create_account(name));
            asked.emplace_back(std::move(name), std::move(answer));
        }
        asked[round * 4].second.wait();
        for (std::size_t i = 0; i < 4; ++i) world[i].cut_power();
        std::vector<std::string> acknowledged;
        for (auto& [name, answer] : asked) {
            if (answer.get()) acknowledged.push_back(name);
        }
        EXPECT_FALSE(acknowledged.empty());
        world.start_all();
        const auto receipt =
            world[round % 4].submit(create_account("after-" + std::to_string(round))).get();
        ASSERT_TRUE(receipt) << receipt.error().message();
        ASSERT_TRUE(world.wait_for_height(receipt->height.value, {0, 1, 2, 3}));
        for (std::size_t i = 0; i < 4; ++i) {
            for (const std::string& name : acknowledged) {
                EXPECT_TRUE(state_of(world[i]).account(name)) << name;
            }
        }
    }
    expect_same_chain(world);
    EXPECT_TRUE(world.failures().empty());
}

TEST(ConsensusOrderer, a_power_cut_of_one_again_and_again_stops_nobody) {
    OrdererWorld world(4);
    world.start_all();
    std::uint64_t height = 0;
    for (std::size_t round = 0; round < 8; ++round) {
        Member& victim = world[round % 4];
        auto answer = victim.submit(create_account("asked-" + std::to_string(round)));
        if (round % 2 == 0) answer.wait();
        victim.cut_power();
        world.connect();
        const auto receipt =
            world[(round + 1) % 4].submit(create_account("round-" + std::to_string(round))).get();
        ASSERT_TRUE(receipt) << receipt.error().message();
        height = receipt->height.value;
        if (answer.get()) {
            EXPECT_TRUE(state_of(world[(round + 1) % 4]).account("asked-" + std::to_string(round)));
        }
        victim.start();
        world.connect();
        ASSERT_TRUE(world.wait_for_height(height, {0, 1, 2, 3}));
    }
    expect_same_chain(world);
    EXPECT_TRUE(world.failures().empty());
}

TEST(ConsensusOrderer, says_unavailable_without_a_quorum_and_goes_on_with_one) {
    ConsensusOptions options = OrdererWorld::quick();
    options.answer_wait_ms = 300;
    OrdererWorld world(4, options);
    world[0].start();
    world[1].start();
    world.connect();
    const auto refused = world[0].submit(create_account("early")).get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_FALSE(world[0].orderer().status().ready);
    world.start_all();
    // It has not expired: it is still ordered.
    ASSERT_TRUE(world.wait_for_height(1, {0, 1, 2, 3}));
    while (!state_of(world[2]).account("early")) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

TEST(ConsensusOrderer, a_transaction_outlives_the_leader_that_cannot_be_reached) {
    OrdererWorld world(4);
    world.start_all();
    // Whoever of the others leads, one of the next leaders has heard of it.
    world.cut(0, 1);
    world.connect();
    for (int i = 0; i < 6; ++i) {
        const auto receipt = world[0].submit(create_account("account-" + std::to_string(i))).get();
        ASSERT_TRUE(receipt) << receipt.error().message();
    }
    expect_same_chain(world);
}

TEST(ConsensusOrderer, takes_a_transaction_once) {
    OrdererWorld world(4);
    world.start_all();
    const auto first = world[0].submit(create_account("twin")).get();
    const auto second = world[1].submit(create_account("twin")).get();
    ASSERT_TRUE(first);
    ASSERT_TRUE(second) << second.error().message();
    EXPECT_TRUE(first->result.applied());
    EXPECT_FALSE(second->result.applied());
}

TEST(ConsensusOrderer, a_badly_signed_copy_does_not_hide_a_transaction) {
    OrdererWorld world(4);
    world.start_all();
    const auto good = world[3].sign(create_account("copied"));
    auto bad = good;
    bad.signature.bytes[0] ^= 1;
    for (const auto& transaction : {bad, good}) {
        codec::ForwardedTransactions message;
        message.transactions.push_back(codec::encode(transaction));
        for (std::size_t i = 0; i < 3; ++i) {
            world[i].orderer().on_message(OrdererWorld::key_of(3).public_key(),
                                          codec::encode(codec::OrderingMessage(message)));
        }
    }
    ASSERT_TRUE(world.wait_for_height(1, {0, 1, 2}));
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(state_of(world[i]).account("copied"));
}

TEST(ConsensusOrderer, votes_for_a_pack_only_where_it_is_stored) {
    OrdererWorld world(4);
    world.start_all();
    const auto made = world[0].submit(create_repository("hello")).get();
    ASSERT_TRUE(made);
    const git::PackDigest pack{crypto::hash("test", as_bytes("pack"))};
    world[0].packs().store(pack);
    auto answer = world[0].submit(push_to(made->result.repository, pack));
    // Of the four only the one that took it could vote.
    while (!world[1].packs().was_asked() || !world[2].packs().was_asked()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    EXPECT_EQ(answer.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
    world[1].packs().store(pack);
    world[2].packs().store(pack);
    const auto receipt = answer.get();
    ASSERT_TRUE(receipt) << receipt.error().message();
    EXPECT_TRUE(receipt->result.applied());
    // The fourth knows that it is final, and serves it once it has the pack.
    ASSERT_TRUE(world.wait_for_height(receipt->height.value, {0, 1, 2}));
    EXPECT_LT(world[3].height(), receipt->height.value);
    world[3].packs().store(pack);
    ASSERT_TRUE(world.wait_for_height(receipt->height.value, {3}));
    expect_same_chain(world);
}

TEST(ConsensusOrderer, keeps_the_packs_of_a_block_until_it_is_committed) {
    OrdererWorld world(4);
    world.start_all();
    std::vector<forge::RepositoryId> repositories;
    for (int i = 0; i < 6; ++i) {
        const auto made = world[0].submit(create_repository("r" + std::to_string(i))).get();
        ASSERT_TRUE(made);
        repositories.push_back(made->result.repository);
    }
    std::uint64_t height = 0;
    std::vector<git::PackDigest> packs;
    // Built here and there, voted for, and by one that heard of it when it was final.
    world[3].stop();
    world.connect();
    for (std::size_t i = 0; i < repositories.size(); ++i) {
        packs.push_back({crypto::hash("test", as_bytes("pack " + std::to_string(i)))});
        for (std::size_t at = 0; at < 3; ++at) world[at].packs().store(packs.back());
        const auto receipt = world[i % 3].submit(push_to(repositories[i], packs.back())).get();
        ASSERT_TRUE(receipt) << receipt.error().message();
        height = std::max(height, receipt->height.value);
    }
    world[3].start();
    for (const auto& pack : packs) world[3].packs().store(pack);
    world.connect();
    ASSERT_TRUE(world.wait_for_height(height, {0, 1, 2, 3}));
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_TRUE(world[i].unkept().empty()) << i;
        for (const auto& pack : packs) {
            while (world[i].packs().is_kept(pack)) {
                std::this_thread::sleep_for(std::chrono::milliseconds(2));
            }
        }
    }
}

TEST(ConsensusOrderer, keeps_the_packs_of_a_block_that_it_voted_for_before_it_was_started) {
    OrdererWorld world(4);
    const git::PackDigest pack{crypto::hash("test", as_bytes("pack"))};
    world[0].vote_for_a_block_with(pack);
    world[0].packs().store(pack);
    world[0].start();
    while (!world[0].packs().is_kept(pack)) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    EXPECT_TRUE(world.failures().empty());
}

TEST(ConsensusOrderer, one_that_lost_its_journal_follows_and_votes_again) {
    OrdererWorld world(4);
    world.start_all();
    ASSERT_TRUE(world[0].submit(create_account("before")).get());
    world[3].stop();
    world[3].lose_journal();
    world[3].start();
    world.connect();
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(world[0].submit(create_account("while-" + std::to_string(i))).get());
    }
    // Without another one it is needed for a quorum.
    world[2].stop();
    world.connect();
    const auto receipt = world[0].submit(create_account("after")).get();
    ASSERT_TRUE(receipt) << receipt.error().message();
    EXPECT_TRUE(world.failures().empty());
}

TEST(ConsensusOrderer, makes_an_empty_block_when_nothing_comes) {
    ConsensusOptions options = OrdererWorld::quick();
    options.idle_ms = 50;
    OrdererWorld world(4, options);
    world.start_all();
    ASSERT_TRUE(world.wait_for_height(3, {0, 1, 2, 3}));
    EXPECT_TRUE(state_of(world[0]).block(ledger::Height(2))->block.transactions.empty());
    expect_same_chain(world);
}

TEST(ConsensusOrderer, refuses_more_of_its_clients_than_may_wait) {
    ConsensusOptions options = OrdererWorld::quick();
    options.pool.own_count_max = 1;
    OrdererWorld world(4, options);
    world[0].start();
    auto first = world[0].submit(create_account("first"));
    const auto second = world[0].submit(create_account("second")).get();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::limit_exceeded);
    world[0].stop();
    EXPECT_EQ(first.get().error().code, ErrorCode::unavailable);
}

TEST(ConsensusOrderer, says_how_it_is) {
    OrdererWorld world(4);
    world.start_all();
    ASSERT_TRUE(world[0].submit(create_account("first")).get());
    const node::ConsensusStatus status = world[0].orderer().status();
    EXPECT_EQ(status.quorum, 3U);
    EXPECT_GE(status.applied_height.value, 1U);
    ASSERT_EQ(status.validators.size(), 4U);
    EXPECT_TRUE(
        std::is_sorted(status.validators.begin(), status.validators.end(),
                       [](const auto& left, const auto& right) { return left.key < right.key; }));
    EXPECT_GT(status.last_finalization_ms, 0U);
    while (!world[0].orderer().status().ready) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

}  // namespace
}  // namespace ashlar::validator
