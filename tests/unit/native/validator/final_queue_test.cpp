#include "native/validator/final_queue.h"

#include "blocks_on_chain.h"

namespace ashlar::validator {
namespace {

class FinalQueueTest : public BlocksOnChain {
  protected:
    std::vector<FinalRun> take() {
        auto runs = queue_.take_complete();
        EXPECT_TRUE(runs) << runs.error().message();
        return runs ? std::move(*runs) : std::vector<FinalRun>{};
    }
    // What the orderer does when it hears that a block's packs are here.
    void note_stored() {
        for (const ledger::BlockDigest& digest : std::exchange(stored_, {})) {
            if (PendingBlock* found = blocks_.find(digest)) found->packs_stored = true;
        }
    }
    git::PackDigest pack(const std::string& name) const {
        return {crypto::hash("test", as_bytes(name))};
    }
    chain::ExecutedBlock block_with_pack(const std::string& name) {
        return next_after(chain_.tip(), push_to(repository_, pack(name)));
    }

    const forge::RepositoryId repository_ = chain_.repository("hello");
    PendingBlocks blocks_{*chain_.store, chain_.tip()};
    ToldPacks packs_;
    std::vector<ledger::BlockDigest> stored_;
    FinalQueue queue_{
        blocks_, chain_.executor, packs_,
        [this](const ledger::BlockDigest& digest, KeptPacks) { stored_.push_back(digest); }};
};

TEST_F(FinalQueueTest, hands_over_a_block_that_names_no_pack_at_once) {
    const auto block = next_after(chain_.tip(), "one");
    queue_.push(final_block(block, Certified::yes));
    EXPECT_GT(queue_.bytes(), 0u);
    const auto runs = take();
    ASSERT_EQ(runs.size(), 1u);
    ASSERT_EQ(runs[0].blocks.size(), 1u);
    EXPECT_EQ(runs[0].blocks[0]->digest, block.digest);
    EXPECT_EQ(runs[0].finalization, certificate_of(block));
    EXPECT_EQ(queue_.size(), 0u);
    EXPECT_EQ(queue_.bytes(), 0u);
    EXPECT_FALSE(packs_.was_asked());
}

TEST_F(FinalQueueTest, a_run_ends_where_a_block_has_a_finalization) {
    const auto blocks = row(5);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_TRUE(take().empty());
        queue_.push(final_block(blocks[i], i == 2 ? Certified::yes : Certified::no));
    }
    queue_.push(final_block(blocks[3], Certified::yes));
    queue_.push(final_block(blocks[4], Certified::no));
    const auto runs = take();
    ASSERT_EQ(runs.size(), 2u);
    EXPECT_EQ(runs[0].blocks.size(), 3u);
    EXPECT_EQ(runs[0].finalization, certificate_of(blocks[2]));
    EXPECT_EQ(runs[1].blocks.size(), 1u);
    EXPECT_EQ(queue_.size(), 1u);
}

TEST_F(FinalQueueTest, a_block_waits_for_its_pack_and_those_behind_it_with_it) {
    const auto first = block_with_pack("one");
    const auto second = next_after(first.tip(), "two");
    queue_.push(final_block(first, Certified::yes));
    queue_.push(final_block(second, Certified::yes));
    EXPECT_TRUE(take().empty());
    EXPECT_TRUE(packs_.was_asked());
    // What stands behind it was run meanwhile.
    EXPECT_NE(blocks_.find(second.digest), nullptr);
    packs_.store(pack("one"));
    EXPECT_EQ(stored_, std::vector{first.digest});
    note_stored();
    EXPECT_EQ(take().size(), 2u);
}

TEST_F(FinalQueueTest, asks_for_a_pack_once) {
    const auto block = block_with_pack("one");
    queue_.push(final_block(block, Certified::yes));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(take().empty());
    packs_.store(pack("one"));
    EXPECT_EQ(stored_.size(), 1u);
}

TEST_F(FinalQueueTest, takes_what_was_run_and_checked_before) {
    const auto block = block_with_pack("one");
    const auto copy = final_block(block, Certified::yes);
    blocks_.add(chain::ExecutedBlock(block)).packs_stored = true;
    queue_.push(copy);
    EXPECT_EQ(take().size(), 1u);
    EXPECT_FALSE(packs_.was_asked());
}

TEST_F(FinalQueueTest, runs_no_further_ahead_of_a_missing_pack_than_allowed) {
    const auto first = block_with_pack("one");
    queue_.push(final_block(first, Certified::yes));
    chain::ChainTip tip = first.tip();
    for (std::size_t i = 0; i < kFinalBlocksAheadMax + 20; ++i) {
        const auto block = next_after(tip, "account-" + std::to_string(i));
        tip = block.tip();
        queue_.push(final_block(block, Certified::yes));
    }
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(blocks_.size(), kFinalBlocksAheadMax);
    packs_.store(pack("one"));
    note_stored();
    std::size_t handed_over = take().size();
    handed_over += take().size();
    EXPECT_EQ(handed_over, kFinalBlocksAheadMax + 21);
}

TEST_F(FinalQueueTest, but_runs_the_first_run_to_its_end) {
    const auto blocks = row(kFinalBlocksAheadMax + 20);
    for (const auto& block : blocks) {
        const bool is_last = block.digest == blocks.back().digest;
        queue_.push(final_block(block, is_last ? Certified::yes : Certified::no));
    }
    const auto runs = take();
    ASSERT_EQ(runs.size(), 1u);
    EXPECT_EQ(runs[0].blocks.size(), blocks.size());
}

TEST_F(FinalQueueTest, waits_for_a_parent_that_is_not_here) {
    const auto blocks = row(2);
    queue_.push(final_block(blocks[1], Certified::yes));
    EXPECT_TRUE(take().empty());
    EXPECT_EQ(blocks_.size(), 0u);
}

TEST_F(FinalQueueTest, says_corrupt_where_a_final_block_has_another_state_than_here) {
    auto block = next_after(chain_.tip(), "one");
    block.block.header.state_root = crypto::hash("test", as_bytes("another"));
    queue_.push(final_block(block, Certified::yes));
    const auto runs = queue_.take_complete();
    ASSERT_FALSE(runs);
    EXPECT_EQ(runs.error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace ashlar::validator
