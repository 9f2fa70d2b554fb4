#include "chain/light_client.h"

#include "chain_harness.h"
#include "codec/block.h"

namespace ashlar::chain {
namespace {

const consensus::Ed25519Verifier kVerifier;

FinalizedHeader newest(const ChainHarness& chain) {
    return *prove_header(*chain.store, chain.tip().header.height);
}

// A final header of no block: what a network's validators could sign.
FinalizedHeader signed_header(ledger::BlockHeader header, const crypto::SigningKey& key) {
    FinalizedHeader finalized;
    finalized.finalization =
        finalize_alone(header, codec::digest_of(header), ledger::View(header.height.value), key);
    finalized.header = std::move(header);
    return finalized;
}

TEST(LightClient, follows_headers_from_the_genesis_alone) {
    ChainHarness chain;
    LightClient client = *LightClient::from_genesis(test_genesis());
    EXPECT_EQ(client.state().digest, chain.tip().digest);
    for (int i = 0; i < 3; ++i) {
        chain.run({});
        ASSERT_TRUE(client.advance(newest(chain), kVerifier));
        EXPECT_EQ(client.state().digest, chain.tip().digest);
    }
    EXPECT_EQ(client.state().height, ledger::Height(3));
    EXPECT_EQ(client.age_ms(client.state().time_ms + 5), 5u);
    EXPECT_EQ(client.age_ms(0), 0u);
}

TEST(LightClient, is_not_turned_back_to_an_older_header) {
    ChainHarness chain;
    chain.run({});
    const FinalizedHeader older = newest(chain);
    chain.run({});
    LightClient client = *LightClient::from_genesis(test_genesis());
    ASSERT_TRUE(client.advance(newest(chain), kVerifier));
    EXPECT_TRUE(client.advance(newest(chain), kVerifier));  // the same again
    EXPECT_EQ(client.advance(older, kVerifier).error().code, ErrorCode::conflict);
    // Nor after it was put away and taken up again.
    LightClient again = *LightClient::from_state(client.state());
    EXPECT_EQ(again.advance(older, kVerifier).error().code, ErrorCode::conflict);
    EXPECT_EQ(again.state(), client.state());
}

TEST(LightClient, believes_no_other_validators_network_or_unfinal_header) {
    ChainHarness chain;
    chain.run({});
    LightClient client = *LightClient::from_genesis(test_genesis());
    const TrustedState before = client.state();
    ledger::BlockHeader header = chain.tip().header;
    EXPECT_FALSE(client.advance(signed_header(header, key_of(9)), kVerifier));
    header.chain.digest.bytes[0] ^= 1;
    EXPECT_FALSE(client.advance(signed_header(header, chain.validator), kVerifier));
    FinalizedHeader changed = newest(chain);
    changed.header.state_root.bytes[0] ^= 1;
    EXPECT_FALSE(client.advance(changed, kVerifier));
    EXPECT_EQ(client.state(), before);
}

TEST(LightClient, says_so_when_two_blocks_are_final_at_one_height) {
    ChainHarness chain;
    chain.run({});
    LightClient client = *LightClient::from_genesis(test_genesis());
    ASSERT_TRUE(client.advance(newest(chain), kVerifier));
    ledger::BlockHeader other = chain.tip().header;
    other.state_root.bytes[0] ^= 1;
    const auto advanced = client.advance(signed_header(other, chain.validator), kVerifier);
    ASSERT_FALSE(advanced);
    EXPECT_NE(advanced.error().detail.find("two blocks"), std::string::npos);
}

TEST(LightClient, moves_its_trust_only_to_validators_that_the_old_ones_named) {
    ChainHarness chain;
    chain.run({});
    LightClient client = *LightClient::from_genesis(test_genesis());
    const crypto::SigningKey next = key_of(5);
    const std::vector<crypto::PublicKey> named{next.public_key()};
    EXPECT_FALSE(client.next_epoch(named));

    ledger::BlockHeader last = chain.tip().header;
    last.height = ledger::Height(7);
    last.next_validators = consensus::ValidatorSet::make(named)->digest();
    ASSERT_TRUE(client.advance(signed_header(last, chain.validator), kVerifier));
    EXPECT_TRUE(client.epoch_has_ended());
    EXPECT_FALSE(client.next_epoch({key_of(6).public_key()}));
    ASSERT_TRUE(client.next_epoch(named));
    EXPECT_EQ(client.state().epoch, ledger::Epoch(1));

    ledger::BlockHeader first = last;
    first.height = ledger::Height(8);
    first.time_ms += 1;
    first.next_validators.reset();
    // The old validators' word counts no more, nor the new ones' on the old epoch.
    EXPECT_FALSE(client.advance(signed_header(first, next), kVerifier));
    first.epoch = ledger::Epoch(1);
    EXPECT_FALSE(client.advance(signed_header(first, chain.validator), kVerifier));
    EXPECT_TRUE(client.advance(signed_header(first, next), kVerifier));
}

}  // namespace
}  // namespace ashlar::chain
