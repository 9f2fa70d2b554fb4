#include "native/validator/pending_blocks.h"

#include "blocks_on_chain.h"

namespace ashlar::validator {
namespace {

using PendingBlocksTest = BlocksOnChain;

bool has_account(const KeyValueReader& rows, const std::string& login) {
    const std::shared_ptr<const KeyValueReader> borrowed(std::shared_ptr<void>(), &rows);
    return chain::StateReader(borrowed).account(login).has_value();
}

TEST_F(PendingBlocksTest, begin_at_the_stored_block) {
    chain_.account("stored");
    const PendingBlocks blocks(*chain_.store, chain_.tip());
    EXPECT_EQ(blocks.base().digest, chain_.tip().digest);
    const auto tip = blocks.tip_of(chain_.tip().digest);
    ASSERT_TRUE(tip);
    EXPECT_TRUE(has_account(*tip->rows, "stored"));
    EXPECT_FALSE(blocks.tip_of(ledger::BlockDigest{crypto::hash("test", as_bytes("unknown"))}));
    EXPECT_TRUE(blocks.transactions_up_to(chain_.tip().digest).empty());
}

TEST_F(PendingBlocksTest, a_block_stands_on_those_before_it) {
    const auto row = this->row(3);
    PendingBlocks blocks(*chain_.store, chain_.tip());
    for (const auto& block : row) blocks.add(chain::ExecutedBlock(block));
    const auto tip = blocks.tip_of(row[2].digest);
    ASSERT_TRUE(tip);
    EXPECT_TRUE(has_account(*tip->rows, "account-0"));
    EXPECT_TRUE(has_account(*tip->rows, "account-2"));
    EXPECT_FALSE(has_account(*blocks.tip_of(row[1].digest)->rows, "account-2"));
    const auto ids = blocks.transactions_up_to(row[1].digest);
    EXPECT_EQ(ids.size(), 2u);
    EXPECT_EQ(ids.count(row[0].transaction_ids[0]), 1u);
    EXPECT_EQ(ids.count(row[2].transaction_ids[0]), 0u);
}

TEST_F(PendingBlocksTest, one_that_is_added_again_is_the_first) {
    const auto block = next_after(chain_.tip(), "one");
    PendingBlocks blocks(*chain_.store, chain_.tip());
    blocks.add(chain::ExecutedBlock(block)).packs_stored = true;
    EXPECT_TRUE(blocks.add(chain::ExecutedBlock(block)).packs_stored);
    EXPECT_EQ(blocks.size(), 1u);
}

TEST_F(PendingBlocksTest, what_follows_a_committed_block_stays_and_reads_the_store) {
    const auto row = this->row(3);
    PendingBlocks blocks(*chain_.store, chain_.tip());
    for (const auto& block : row) blocks.add(chain::ExecutedBlock(block));
    chain_.commit(row[0]);
    blocks.committed(row[0]);
    EXPECT_EQ(blocks.base().digest, row[0].digest);
    EXPECT_EQ(blocks.find(row[0].digest), nullptr);
    EXPECT_EQ(blocks.size(), 2u);
    const auto tip = blocks.tip_of(row[2].digest);
    for (const char* login : {"account-0", "account-1", "account-2"}) {
        EXPECT_TRUE(has_account(*tip->rows, login)) << login;
    }
    EXPECT_EQ(blocks.transactions_up_to(row[2].digest).size(), 2u);
}

TEST_F(PendingBlocksTest, what_a_committed_block_leaves_behind_is_forgotten) {
    const auto taken = next_after(chain_.tip(), "taken");
    const auto other = next_after(chain_.tip(), "other");
    const auto on_other = next_after(other.tip(), "on-other");
    const auto on_taken = next_after(taken.tip(), "on-taken");
    PendingBlocks blocks(*chain_.store, chain_.tip());
    for (const auto* block : {&taken, &other, &on_other, &on_taken}) {
        blocks.add(chain::ExecutedBlock(*block));
    }
    chain_.commit(taken);
    blocks.committed(taken);
    EXPECT_EQ(blocks.find(other.digest), nullptr);
    EXPECT_EQ(blocks.find(on_other.digest), nullptr);
    EXPECT_NE(blocks.find(on_taken.digest), nullptr);
    EXPECT_EQ(blocks.size(), 1u);
}

TEST_F(PendingBlocksTest, frozen_rows_stay_as_they_were) {
    const auto row = this->row(2);
    PendingBlocks blocks(*chain_.store, chain_.tip());
    for (const auto& block : row) blocks.add(chain::ExecutedBlock(block));
    const auto at_base = blocks.frozen_rows(chain_.tip().digest);
    const auto at_first = blocks.frozen_rows(row[0].digest);
    for (const auto& block : row) {
        chain_.commit(block);
        blocks.committed(block);
    }
    EXPECT_EQ(blocks.size(), 0u);
    EXPECT_FALSE(has_account(*at_base, "account-0"));
    EXPECT_TRUE(has_account(*at_first, "account-0"));
    EXPECT_FALSE(has_account(*at_first, "account-1"));
}

}  // namespace
}  // namespace ashlar::validator
