#include "native/validator/stored_answers.h"

#include "blocks_on_chain.h"
#include "codec/consensus_messages.h"

namespace ashlar::validator {
namespace {

using consensus::BlockRequest;
using consensus::BlockResponse;
using consensus::FinalizedRequest;
using consensus::FinalizedResponse;

class StoredAnswersTest : public BlocksOnChain {
  protected:
    std::optional<FinalizedResponse> final_from(std::uint64_t height) const {
        const auto answer =
            answer_from_store(chain_.store->snapshot(), FinalizedRequest{ledger::Height(height)});
        if (!answer) return std::nullopt;
        return std::get<FinalizedResponse>(*answer);
    }
    // Stores blocks of which only some have a finalization of their own, as after a catch-up.
    std::vector<chain::ExecutedBlock> store_row(std::size_t count,
                                                const std::vector<std::size_t>& certified) {
        auto blocks = row(count);
        for (std::size_t i = 0; i < count; ++i) {
            const bool has = std::count(certified.begin(), certified.end(), i) != 0;
            const auto batch = chain::finalize_batch(
                blocks[i], has ? std::optional(certificate_of(blocks[i])) : std::nullopt);
            EXPECT_TRUE(chain_.store->commit(batch, Durability::synced));
        }
        return blocks;
    }
    void expect_from(const std::vector<chain::ExecutedBlock>& blocks, std::size_t first,
                     const FinalizedResponse& answer) const {
        for (std::size_t i = 0; i < answer.blocks.size(); ++i) {
            EXPECT_EQ(answer.blocks[i], codec::encode(blocks[first + i].block)) << i;
        }
        EXPECT_EQ(answer.finalization, certificate_of(blocks[first + answer.blocks.size() - 1]));
    }
};

TEST_F(StoredAnswersTest, a_block_is_found_by_its_digest) {
    const auto block = chain_.run({chain_.attested(create_account("one"))});
    const auto answer = answer_from_store(chain_.store->snapshot(), BlockRequest{block.digest});
    ASSERT_TRUE(answer);
    EXPECT_EQ(std::get<BlockResponse>(*answer).block, codec::encode(block.block));
    const ledger::BlockDigest unknown{crypto::hash("test", as_bytes("unknown"))};
    EXPECT_FALSE(answer_from_store(chain_.store->snapshot(), BlockRequest{unknown}));
}

TEST_F(StoredAnswersTest, final_blocks_end_at_one_with_a_finalization) {
    const auto blocks = store_row(5, {1, 4});
    // More than one run fits: all of it goes at once.
    const auto all = final_from(1);
    ASSERT_TRUE(all);
    EXPECT_EQ(all->blocks.size(), 5u);
    expect_from(blocks, 0, *all);
    const auto rest = final_from(3);
    ASSERT_TRUE(rest);
    EXPECT_EQ(rest->blocks.size(), 3u);
    expect_from(blocks, 2, *rest);
}

TEST_F(StoredAnswersTest, what_is_not_stored_has_no_answer) {
    EXPECT_FALSE(final_from(1));
    store_row(3, {2});
    EXPECT_FALSE(final_from(4));
    EXPECT_FALSE(final_from(1'000));
}

TEST_F(StoredAnswersTest, one_answer_holds_so_many_blocks_and_the_next_goes_on) {
    constexpr std::size_t kMore = 10;
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < consensus::kFinalizedBlocksPerResponse + kMore; ++i) {
        all.push_back(i);
    }
    const auto blocks = store_row(all.size(), all);
    const auto first = final_from(1);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->blocks.size(), consensus::kFinalizedBlocksPerResponse);
    expect_from(blocks, 0, *first);
    const auto second = final_from(1 + first->blocks.size());
    ASSERT_TRUE(second);
    EXPECT_EQ(second->blocks.size(), kMore);
    expect_from(blocks, first->blocks.size(), *second);
}

TEST_F(StoredAnswersTest, a_run_longer_than_that_goes_whole) {
    const std::size_t count = consensus::kFinalizedBlocksPerResponse + 5;
    const auto blocks = store_row(count, {count - 1});
    const auto answer = final_from(1);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->blocks.size(), count);
    expect_from(blocks, 0, *answer);
}

TEST_F(StoredAnswersTest, an_answer_fits_into_a_message) {
    // Two of these fit, three do not.
    std::vector<chain::ExecutedBlock> blocks;
    for (std::size_t number = 0; number < 3; ++number) {
        std::vector<forge::SignedTransaction> wishes;
        std::size_t bytes = 0;
        while (bytes < codec::kConsensusMessageBytesMax * 2 / 5 &&
               wishes.size() < ledger::kTransactionsPerBlockMax) {
            forge::UpdateRefs push =
                chain_.push(forge::RepositoryId(1), "refs/heads/a", std::nullopt, chain::object(1));
            for (int i = 0; i < 60; ++i) {
                push.updates.push_back({"refs/heads/" + std::string(180, 'x') + std::to_string(i),
                                        std::nullopt, chain::object(1), std::nullopt});
            }
            wishes.push_back(chain_.attested(std::move(push)));
            bytes += codec::encode(wishes.back()).size();
        }
        blocks.push_back(chain_.run(wishes));
    }
    const auto answer = final_from(1);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->blocks.size(), 2u);
    const Bytes message = codec::encode(codec::OrderingMessage(consensus::Message(*answer)));
    EXPECT_LE(message.size(), codec::kConsensusMessageBytesMax);
    EXPECT_EQ(final_from(3)->blocks.size(), 1u);
}

}  // namespace
}  // namespace ashlar::validator
