#include "chain/genesis.h"

#include "chain_harness.h"

namespace ashlar::chain {
namespace {

TEST(Genesis, begins_a_chain_with_its_administrator_and_token) {
    const ChainHarness chain;
    const StateReader reader = chain.reader();
    EXPECT_EQ(reader.head()->height, ledger::Height(0));
    EXPECT_EQ(reader.head()->chain, chain.chain_id);
    EXPECT_TRUE(reader.account("Operator")->site_administrator);
    EXPECT_EQ(reader.token_by_secret("operator secret")->account, kAdministrator);
    EXPECT_EQ(reader.records().validators()->validators, test_genesis().validators);
    EXPECT_EQ(chain.tip().digest, make_genesis_state(test_genesis())->digest);
}

TEST(Genesis, gives_another_network_for_any_difference) {
    Genesis other = test_genesis();
    other.time_ms += 1;
    EXPECT_NE(chain_id_of(other), chain_id_of(test_genesis()));
    EXPECT_NE(chain_id_of(test_genesis(2)), chain_id_of(test_genesis(1)));
    EXPECT_NE(make_genesis_state(other)->digest, make_genesis_state(test_genesis())->digest);
}

TEST(Genesis, is_refused_where_it_makes_no_sense) {
    const auto refused = [](const auto& change) {
        Genesis genesis = test_genesis();
        change(genesis);
        return !make_genesis_state(genesis).has_value();
    };
    EXPECT_FALSE(refused([](Genesis&) {}));
    EXPECT_TRUE(refused([](Genesis& genesis) { genesis.validators.clear(); }));
    EXPECT_TRUE(refused(
        [](Genesis& genesis) { genesis.validators.push_back(genesis.validators.front()); }));
    EXPECT_TRUE(refused([](Genesis& genesis) { genesis.network_name.clear(); }));
    EXPECT_TRUE(refused([](Genesis& genesis) { genesis.network_name = std::string(65, 'a'); }));
    EXPECT_TRUE(refused([](Genesis& genesis) { genesis.administrator.login = "a b"; }));
    EXPECT_TRUE(refused([](Genesis& genesis) { genesis.administrator.token_secret_hash = {}; }));
    EXPECT_TRUE(refused([](Genesis& genesis) { genesis.format_version = 2; }));
}

}  // namespace
}  // namespace ashlar::chain
