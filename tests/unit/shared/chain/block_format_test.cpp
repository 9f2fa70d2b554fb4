#include "chain/block_format.h"

#include <gtest/gtest.h>

#include "codec/block.h"
#include "ledger/transaction_tree.h"

namespace ashlar::chain {
namespace {

ledger::Block sample() {
    ledger::Block block;
    block.header.epoch = ledger::Epoch(2);
    block.header.height = ledger::Height(7);
    block.header.parent.digest.bytes.fill(3);
    block.transactions = {to_bytes("one"), to_bytes("two")};
    block.header.transaction_count = 2;
    block.header.transactions_root = ledger::transactions_root(block.transactions);
    return block;
}

TEST(LedgerBlockFormat, tells_consensus_how_a_block_is_chained) {
    ledger::Block block = sample();
    auto summary = LedgerBlockFormat().summarize(codec::encode(block));
    ASSERT_TRUE(summary) << summary.error().message();
    EXPECT_EQ(summary->digest, codec::digest_of(block.header));
    EXPECT_EQ(summary->parent, block.header.parent);
    EXPECT_EQ(summary->epoch, ledger::Epoch(2));
    EXPECT_EQ(summary->height, ledger::Height(7));
    EXPECT_EQ(summary->next_validators, std::nullopt);
    block.header.next_validators = crypto::hash("test", as_bytes("set"));
    EXPECT_EQ(LedgerBlockFormat().summarize(codec::encode(block))->next_validators,
              block.header.next_validators);
}

// Else two blocks of one digest could differ.
TEST(LedgerBlockFormat, refuses_transactions_that_the_header_does_not_name) {
    LedgerBlockFormat format;
    ledger::Block changed = sample();
    changed.transactions[1] = to_bytes("six");
    EXPECT_FALSE(format.summarize(codec::encode(changed)));
    changed = sample();
    changed.transactions.pop_back();
    EXPECT_FALSE(format.summarize(codec::encode(changed)));
    changed.transactions.clear();
    EXPECT_FALSE(format.summarize(codec::encode(changed)));
    Bytes bytes = codec::encode(sample());
    for (std::size_t size = 0; size < bytes.size(); size += 8) {
        EXPECT_FALSE(format.summarize(ByteView(bytes).first(size)));
    }
}

}  // namespace
}  // namespace ashlar::chain
