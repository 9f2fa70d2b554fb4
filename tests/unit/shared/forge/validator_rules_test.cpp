#include "forge/validators.h"

#include "forge_harness.h"

namespace ashlar::forge {
namespace {

ChangeValidators add(Byte number, std::string address = "") {
    return {std::nullopt, Validator{validator_key(number), "new", std::move(address)}};
}
ChangeValidators remove(Byte number) {
    return {validator_key(number), std::nullopt};
}

ValidatorSet next_of(const ForgeHarness& forge) {
    const auto next = *forge.state().next_validators();
    EXPECT_TRUE(next);
    return next.value_or(ValidatorSet{});
}

TEST(ValidatorRules, let_only_a_site_administrator_change_the_validators) {
    ForgeHarness forge;
    EXPECT_EQ(code_of(forge.run(kAlice, add(50))), ErrorCode::forbidden);
    const TokenId narrow = forge.token(kAdministrator, ScopeSet().with(Scope::repository_write));
    EXPECT_EQ(code_of(forge.run(kAdministrator, narrow, add(50))), ErrorCode::forbidden);
    EXPECT_FALSE(*forge.state().next_validators());
    EXPECT_TRUE(forge.run(kAdministrator, add(50)).applied());
}

TEST(ValidatorRules, put_a_new_one_in_its_place_among_the_sorted_keys) {
    for (const Byte number : {Byte{5}, Byte{25}, Byte{50}}) {
        ForgeHarness forge;
        ASSERT_TRUE(forge.run(kAdministrator, add(number, "example.org:7000")).applied());
        const ValidatorSet next = next_of(forge);
        ASSERT_EQ(next.validators.size(), 5u);
        for (std::size_t i = 1; i < next.validators.size(); ++i) {
            EXPECT_LT(next.validators[i - 1].key, next.validators[i].key);
        }
        EXPECT_EQ(next.epoch, ledger::Epoch(8));
        // Those that decide this block stay what they are.
        EXPECT_EQ(*forge.state().validators(), four_validators());
    }
}

TEST(ValidatorRules, remove_one_and_keep_at_least_one) {
    ForgeHarness forge;
    EXPECT_EQ(code_of(forge.run(kAdministrator, remove(11))), ErrorCode::not_found);
    ASSERT_TRUE(forge.run(kAdministrator, remove(20)).applied());
    EXPECT_EQ(next_of(forge).validators.size(), 3u);

    ValidatorSet alone = four_validators();
    alone.validators.resize(1);
    ForgeHarness last;
    last.set_validators(alone);
    EXPECT_EQ(code_of(last.run(kAdministrator, remove(10))), ErrorCode::invalid);
    EXPECT_TRUE(
        last.run(kAdministrator, ChangeValidators{validator_key(10), add(50).add}).applied());
}

TEST(ValidatorRules, replace_a_key_at_once) {
    ForgeHarness forge;
    ASSERT_TRUE(
        forge.run(kAdministrator, ChangeValidators{validator_key(20), add(50).add}).applied());
    const ValidatorSet next = next_of(forge);
    ASSERT_EQ(next.validators.size(), 4u);
    EXPECT_EQ(next.validators.back().key, validator_key(50));
    EXPECT_EQ(next.epoch, ledger::Epoch(8));
}

TEST(ValidatorRules, change_a_name_or_an_address_without_another_epoch) {
    ForgeHarness forge;
    const Validator moved{validator_key(20), "v20", "10.0.0.2:7000"};
    ASSERT_TRUE(forge.run(kAdministrator, ChangeValidators{validator_key(20), moved}).applied());
    const ValidatorSet next = next_of(forge);
    EXPECT_EQ(next.epoch, ledger::Epoch(7));
    EXPECT_EQ(next.validators[1], moved);
}

TEST(ValidatorRules, refuse_a_key_twice_and_a_change_of_nothing) {
    ForgeHarness forge;
    EXPECT_EQ(code_of(forge.run(kAdministrator, add(10))), ErrorCode::already_exists);
    EXPECT_EQ(code_of(forge.run(kAdministrator, ChangeValidators{validator_key(20), add(10).add})),
              ErrorCode::already_exists);
    EXPECT_EQ(code_of(forge.run(kAdministrator, ChangeValidators{})), ErrorCode::invalid);
}

TEST(ValidatorRules, refuse_more_than_a_network_may_have) {
    ValidatorSet many;
    for (std::size_t i = 0; i < kValidatorsMax; ++i) {
        crypto::PublicKey key;
        key.bytes[0] = static_cast<Byte>(i / 128);
        key.bytes[1] = static_cast<Byte>(i % 128);
        many.validators.push_back({key, "v"});
    }
    ForgeHarness forge;
    forge.set_validators(many);
    EXPECT_EQ(code_of(forge.run(kAdministrator, add(50))), ErrorCode::limit_exceeded);
    EXPECT_TRUE(
        forge.run(kAdministrator, ChangeValidators{many.validators[3].key, add(50).add}).applied());
}

TEST(ValidatorRules, let_one_block_change_the_validators_once) {
    ForgeHarness forge;
    ASSERT_TRUE(forge.run(kAdministrator, add(50)).applied());
    EXPECT_EQ(code_of(forge.run(kAdministrator, add(60))), ErrorCode::conflict);
    EXPECT_EQ(code_of(forge.run(kAdministrator, remove(50))), ErrorCode::conflict);
}

TEST(ValidatorRules, take_addresses_that_can_be_dialled_only) {
    const auto accepts = [](std::string address) {
        return check_validator({validator_key(1), "v", std::move(address)}).has_value();
    };
    for (const char* good : {"", "a:1", "127.0.0.1:65535", "[::1]:7000", "node-1.example.org:80"}) {
        EXPECT_TRUE(accepts(good)) << good;
    }
    for (const char* bad : {"a", ":1", "a:", "a:0", "a:01", "a:65536", "a:1x", "a b:1", "::1:7000",
                            "[]:1", "[::1]", "a/b:1", "a:1:2", "a\n:1", "user@a:1"}) {
        EXPECT_FALSE(accepts(bad)) << bad;
    }
    EXPECT_FALSE(accepts(std::string(kValidatorAddressLengthMax, 'a') + ":1"));
    EXPECT_FALSE(check_validator({validator_key(1), std::string(65, 'v'), ""}));
    EXPECT_FALSE(check_validator({validator_key(1), "a\nb", ""}));
}

}  // namespace
}  // namespace ashlar::forge
