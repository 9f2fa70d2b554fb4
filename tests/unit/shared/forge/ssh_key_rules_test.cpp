#include "forge/names.h"
#include "forge_harness.h"

namespace ashlar::forge {
namespace {

crypto::PublicKey key_of(Byte number) {
    crypto::PublicKey key;
    key.bytes.fill(number);
    return key;
}

TEST(SshKeyRules, an_account_keeps_keys_of_its_own) {
    ForgeHarness forge;
    forge.time_ms = 5000;
    const TransactionResult made = forge.run(kAlice, CreateSshKey{kAlice, "laptop", key_of(1)});
    ASSERT_TRUE(made.applied()) << made.refusal->message();
    const auto stored = *forge.state().ssh_key(made.ssh_key);
    ASSERT_TRUE(stored);
    EXPECT_EQ(*stored, (SshKey{made.ssh_key, kAlice, "laptop", key_of(1), 5000}));
    EXPECT_EQ(*forge.state().find_ssh_key(key_of(1)), made.ssh_key);
    EXPECT_EQ(*forge.state().count_ssh_keys(kAlice), 1u);
    EXPECT_EQ(*forge.state().count_ssh_keys(kBob), 0u);

    ASSERT_TRUE(forge.run(kAlice, DeleteSshKey{made.ssh_key}).applied());
    EXPECT_FALSE(*forge.state().ssh_key(made.ssh_key));
    EXPECT_FALSE(*forge.state().find_ssh_key(key_of(1)));
    EXPECT_EQ(*forge.state().count_ssh_keys(kAlice), 0u);
    // Its id is not given out again.
    const TransactionResult again = forge.run(kAlice, CreateSshKey{kAlice, "", key_of(1)});
    EXPECT_GT(again.ssh_key.value, made.ssh_key.value);
}

TEST(SshKeyRules, one_key_speaks_for_one_account) {
    ForgeHarness forge;
    ASSERT_TRUE(forge.run(kAlice, CreateSshKey{kAlice, "laptop", key_of(1)}).applied());
    EXPECT_EQ(code_of(forge.run(kAlice, CreateSshKey{kAlice, "again", key_of(1)})),
              ErrorCode::already_exists);
    EXPECT_EQ(code_of(forge.run(kBob, CreateSshKey{kBob, "mine", key_of(1)})),
              ErrorCode::already_exists);
}

TEST(SshKeyRules, nobody_touches_the_keys_of_others) {
    ForgeHarness forge;
    const TransactionResult made = forge.run(kAlice, CreateSshKey{kAlice, "laptop", key_of(1)});
    EXPECT_EQ(code_of(forge.run(kBob, CreateSshKey{kAlice, "hers", key_of(2)})),
              ErrorCode::forbidden);
    EXPECT_EQ(code_of(forge.run(kBob, DeleteSshKey{made.ssh_key})), ErrorCode::not_found);
    const TokenId narrow = forge.token(kAlice, ScopeSet().with(Scope::repository_write));
    EXPECT_EQ(code_of(forge.run(kAlice, narrow, CreateSshKey{kAlice, "x", key_of(3)})),
              ErrorCode::forbidden);
    const TokenId wide = forge.token(kAlice, ScopeSet().with(Scope::account));
    EXPECT_TRUE(forge.run(kAlice, wide, CreateSshKey{kAlice, "x", key_of(3)}).applied());
    EXPECT_TRUE(forge.run(kAdministrator, DeleteSshKey{made.ssh_key}).applied());
}

TEST(SshKeyRules, titles_and_counts_have_their_limits) {
    ForgeHarness forge;
    EXPECT_EQ(
        code_of(forge.run(
            kAlice, CreateSshKey{kAlice, std::string(kSshKeyTitleLengthMax + 1, 'a'), key_of(1)})),
        ErrorCode::invalid);
    EXPECT_EQ(code_of(forge.run(kAlice, CreateSshKey{kAlice, "a\nb", key_of(1)})),
              ErrorCode::invalid);
    for (std::size_t i = 0; i < kSshKeysMax; ++i) {
        ASSERT_TRUE(
            forge.run(kAlice, CreateSshKey{kAlice, "", key_of(static_cast<Byte>(i))}).applied());
    }
    EXPECT_EQ(code_of(forge.run(kAlice, CreateSshKey{kAlice, "", key_of(0xff)})),
              ErrorCode::limit_exceeded);
    EXPECT_TRUE(forge.run(kBob, CreateSshKey{kBob, "", key_of(0xff)}).applied());
}

}  // namespace
}  // namespace ashlar::forge
