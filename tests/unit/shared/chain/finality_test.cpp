#include "chain/finality.h"

#include "chain_harness.h"
#include "codec/block.h"
#include "ledger/storage_keys.h"

namespace ashlar::chain {
namespace {

TEST(Finality, of_one_validator_is_a_certificate_like_any_other) {
    ChainHarness chain;
    const ExecutedBlock executed = chain.run({});
    const auto stored = chain.reader().block(ledger::Height(1));
    ASSERT_TRUE(stored && stored->finalization);
    const auto set = *consensus::ValidatorSet::make({chain.validator.public_key()});
    EXPECT_TRUE(consensus::verify(*stored->finalization, chain.chain_id, set,
                                  consensus::Ed25519Verifier()));
    EXPECT_EQ(stored->finalization->subject.proposal.block, executed.digest);
    EXPECT_FALSE(consensus::verify(*stored->finalization, chain_id_of(test_genesis(2)), set,
                                   consensus::Ed25519Verifier()));
}

TEST(Finality, stores_the_block_so_that_it_is_found_by_height_and_digest) {
    ChainHarness chain;
    forge::CreateAccount action;
    action.login = "alice";
    const ExecutedBlock executed = chain.run({chain.attested(action)});
    const StateReader reader = chain.reader();
    EXPECT_EQ(reader.block(executed.digest)->block, executed.block);
    EXPECT_EQ(reader.block(ledger::Height(1))->digest, executed.digest);
    EXPECT_EQ(reader.block(ledger::Height(2)).error().code, ErrorCode::not_found);
    EXPECT_EQ(*reader.head(), executed.block.header);
    EXPECT_EQ(*reader.head_digest(), executed.digest);
}

TEST(Finality, of_a_block_without_certificate_of_its_own_stores_none) {
    ChainHarness chain;
    const BuiltBlock built = chain.build(chain.tip(), {});
    ASSERT_TRUE(
        chain.store->commit(finalize_batch(built.executed, std::nullopt), Durability::synced));
    EXPECT_EQ(chain.reader().block(ledger::Height(1))->finalization, std::nullopt);
}

TEST(Finality, finds_no_tip_in_an_empty_store_and_calls_a_missing_header_corrupt) {
    const auto store = std::make_shared<support::MemoryKeyValue>();
    EXPECT_EQ(load_tip(store).error().code, ErrorCode::not_found);
    ChainHarness chain;
    WriteBatch damage;
    damage.remove(ledger::storage_key(ledger::storage_prefix::kHeader, 0));
    ASSERT_TRUE(chain.store->commit(damage, Durability::buffered));
    EXPECT_EQ(load_tip(chain.store).error().code, ErrorCode::corrupt);
}

}  // namespace
}  // namespace ashlar::chain
