#include "native/client/kept_trust.h"

#include <gtest/gtest.h>

#include "chain/finality.h"
#include "chain/genesis_json.h"
#include "codec/block.h"
#include "codec/genesis.h"
#include "native/client/max_age.h"
#include "native/machine/small_file.h"
#include "support/temporary_folder.h"

namespace ashlar::client {
namespace {

namespace fs = std::filesystem;

crypto::SigningKey key_of(Byte seed) {
    return *crypto::SigningKey::from_seed(Bytes(crypto::SigningKey::kSeedSize, seed));
}

forge::Genesis genesis_of(Byte seed) {
    forge::Genesis genesis;
    genesis.network_name = "test";
    genesis.time_ms = 1'700'000'000'000;
    genesis.validators = {{key_of(seed).public_key(), "v1"}};
    genesis.administrator = {"admin", forge::token_secret_hash("secret")};
    return genesis;
}

codec::FinalizedHeader header_at(const forge::Genesis& genesis, std::uint64_t height,
                                 Byte seed = 1) {
    codec::FinalizedHeader finalized;
    finalized.header.chain = codec::chain_id_of(genesis);
    finalized.header.height = ledger::Height(height);
    finalized.header.time_ms = genesis.time_ms + height;
    finalized.finalization = chain::finalize_alone(
        finalized.header, codec::digest_of(finalized.header), ledger::View(height), key_of(seed));
    return finalized;
}

class KeptTrustTest : public testing::Test {
  protected:
    void SetUp() override {
        options_.folder = folder_.path() / "trust";
        options_.genesis = folder_.path() / "genesis.json";
        write(*options_.genesis, chain::to_json(genesis_of(1)));
    }
    static void write(const fs::path& path, const std::string& text) {
        ASSERT_TRUE(machine::write_file_durably(path, as_bytes(text)));
    }
    Expected<KeptTrust> open() const { return KeptTrust::open(options_, server_); }

    support::TemporaryFolder folder_;
    TrustOptions options_;
    // Nobody listens there: no test may need an answer.
    HttpClient server_{*parse_server_address("http://127.0.0.1:1")};
    const consensus::Ed25519Verifier verifier_;
};

TEST_F(KeptTrustTest, remembers_the_highest_header_from_one_run_to_the_next) {
    {
        auto trust = open();
        ASSERT_TRUE(trust) << trust.error().message();
        ASSERT_TRUE(trust->light().advance(header_at(trust->genesis(), 5), verifier_));
        ASSERT_TRUE(trust->keep());
    }
    auto again = open();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->light().state().height, ledger::Height(5));
    EXPECT_EQ(again->light().advance(header_at(again->genesis(), 4), verifier_).error().code,
              ErrorCode::conflict);
}

TEST_F(KeptTrustTest, never_goes_back_when_two_runs_end_in_turn) {
    auto first = open();
    auto second = open();
    ASSERT_TRUE(first->light().advance(header_at(first->genesis(), 9), verifier_));
    ASSERT_TRUE(second->light().advance(header_at(second->genesis(), 3), verifier_));
    ASSERT_TRUE(first->keep());
    ASSERT_TRUE(second->keep());
    EXPECT_EQ(open()->light().state().height, ledger::Height(9));
}

TEST_F(KeptTrustTest, knows_a_server_again_without_being_told_the_genesis) {
    ASSERT_TRUE(open());
    options_.genesis.reset();
    const auto known = open();
    ASSERT_TRUE(known) << known.error().message();
    EXPECT_EQ(known->genesis(), genesis_of(1));
    EXPECT_FALSE(known->is_first_use());
    server_ = HttpClient(*parse_server_address("http://127.0.0.1:2"));
    EXPECT_EQ(open().error().code, ErrorCode::unavailable);
}

TEST_F(KeptTrustTest, takes_no_server_for_one_of_another_network_than_before) {
    ASSERT_TRUE(open());
    write(*options_.genesis, chain::to_json(genesis_of(2)));
    EXPECT_EQ(open().error().code, ErrorCode::conflict);
    options_.genesis.reset();
    EXPECT_EQ(open()->genesis(), genesis_of(1));
    // As the error says.
    fs::remove(options_.folder / "servers" / "127.0.0.1_1");
    options_.genesis = folder_.path() / "genesis.json";
    EXPECT_EQ(open()->genesis(), genesis_of(2));
}

TEST_F(KeptTrustTest, takes_a_genesis_in_its_canonical_encoding_too) {
    const Bytes encoded = codec::encode(genesis_of(1));
    write(*options_.genesis, std::string(as_text(encoded)));
    EXPECT_EQ(open()->genesis(), genesis_of(1));
}

TEST_F(KeptTrustTest, refuses_files_that_hold_something_else) {
    ASSERT_TRUE(open());
    const fs::path network = options_.folder / "networks" / codec::chain_id_of(genesis_of(1)).hex();
    write(network / "state", "nonsense");
    EXPECT_EQ(open().error().code, ErrorCode::invalid);
    const auto other = chain::LightClient::from_genesis(genesis_of(2));
    write(network / "state", std::string(as_text(codec::encode(other->state()))));
    EXPECT_EQ(open().error().code, ErrorCode::invalid);
    fs::remove(network / "state");
    ASSERT_TRUE(open());
    options_.genesis.reset();
    write(network / "genesis", chain::to_json(genesis_of(2)));
    EXPECT_EQ(open().error().code, ErrorCode::invalid);
    write(options_.folder / "servers" / "127.0.0.1_1", "x");
    EXPECT_EQ(open().error().code, ErrorCode::invalid);
}

TEST(MaxAge, is_compared_with_the_newest_header) {
    const auto light = *chain::LightClient::from_genesis(genesis_of(1));
    const std::uint64_t begun_ms = genesis_of(1).time_ms;
    EXPECT_TRUE(check_age(light, begun_ms + 1000, 1000));
    EXPECT_EQ(check_age(light, begun_ms + 1001, 1000).error().code, ErrorCode::conflict);
    EXPECT_TRUE(check_age(light, 0, 0));
}

}  // namespace
}  // namespace ashlar::client
