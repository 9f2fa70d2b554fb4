#include "chain/block_format.h"

#include "chain_harness.h"
#include "codec/block.h"

namespace ashlar::chain {
namespace {

forge::CreateAccount account_named(std::string login) {
    forge::CreateAccount action;
    action.login = std::move(login);
    return action;
}

TEST(BlockFormat, tells_consensus_how_a_block_is_chained) {
    ChainHarness chain;
    const ChainTip parent = chain.tip();
    const ExecutedBlock executed = chain.run({chain.attested(account_named("alice"))});
    const auto summary = BlockFormat().summarize(codec::encode(executed.block));
    ASSERT_TRUE(summary) << summary.error().message();
    EXPECT_EQ(summary->digest, executed.digest);
    EXPECT_EQ(summary->parent, parent.digest);
    EXPECT_EQ(summary->height, ledger::Height(1));
    EXPECT_EQ(summary->epoch, ledger::Epoch(0));
    EXPECT_EQ(summary->next_validators, std::nullopt);
}

TEST(BlockFormat, gives_one_digest_to_one_sequence_of_bytes_only) {
    ChainHarness chain;
    const ExecutedBlock executed =
        chain.run({chain.attested(account_named("alice")), chain.attested(account_named("bob"))});
    ledger::Block swapped = executed.block;
    std::swap(swapped.transactions[0], swapped.transactions[1]);
    EXPECT_FALSE(BlockFormat().summarize(codec::encode(swapped)));
    ledger::Block shorter = executed.block;
    shorter.transactions.pop_back();
    EXPECT_FALSE(BlockFormat().summarize(codec::encode(shorter)));
    Bytes encoded = codec::encode(executed.block);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        encoded[i] ^= 1;
        const auto summary = BlockFormat().summarize(encoded);
        EXPECT_FALSE(summary && summary->digest == executed.digest) << "byte " << i;
        encoded[i] ^= 1;
    }
}

}  // namespace
}  // namespace ashlar::chain
