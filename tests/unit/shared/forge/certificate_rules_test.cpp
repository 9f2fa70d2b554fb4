#include "forge_harness.h"
#include "support/ssh_signer.h"

namespace ashlar::forge {
namespace {

const std::string kNull(40, '0');

class SignedPush : public ::testing::Test {
  protected:
    SignedPush() {
        EXPECT_TRUE(
            forge_.run(kAlice, CreateSshKey{kAlice, "laptop", key_.public_key()}).applied());
        key_id_ = **forge_.state().find_ssh_key(key_.public_key());
        action_.repository = forge_.repository(kAlice, "hello");
        action_.updates = {{"refs/heads/main", std::nullopt, object(1), std::nullopt}};
    }

    static crypto::SigningKey key_from(Byte number) {
        return *crypto::SigningKey::from_seed(Bytes(32, number));
    }
    static std::string text_for(const std::string& commands) {
        return "certificate version 0.1\npusher Alice <a@b> 1 +0000\nnonce 1-abc\n\n" + commands;
    }
    static std::string creation() { return kNull + " " + object(1).hex() + " refs/heads/main\n"; }
    TransactionResult push(const std::string& text, const std::string& signature,
                           AccountId author = kAlice) {
        action_.certificate = to_bytes(text + signature);
        return forge_.run(author, action_);
    }
    std::string sign(const std::string& text) {
        return support::ssh_sign(key_, "git", as_bytes(text));
    }

    ForgeHarness forge_;
    crypto::SigningKey key_ = key_from(1);
    SshKeyId key_id_;
    UpdateRefs action_;
};

TEST_F(SignedPush, by_a_key_of_the_account_is_verified) {
    const std::string text = text_for(creation());
    const TransactionResult result = push(text, sign(text));
    ASSERT_TRUE(result.applied()) << result.refusal->message();
    EXPECT_EQ(result.ssh_key, key_id_);
}

TEST_F(SignedPush, by_an_unknown_key_or_by_openpgp_is_recorded_and_not_verified) {
    const std::string text = text_for(creation());
    for (const std::string& signature :
         {support::ssh_sign(key_from(2), "git", as_bytes(text)),
          std::string("-----BEGIN PGP SIGNATURE-----\nabc\n-----END PGP SIGNATURE-----\n")}) {
        const TransactionResult result = push(text, signature);
        ASSERT_TRUE(result.applied()) << result.refusal->message();
        EXPECT_EQ(result.ssh_key.value, 0u);
        UpdateRefs undo = action_;
        undo.certificate.clear();
        undo.updates = {{"refs/heads/main", object(1), std::nullopt, std::nullopt}};
        ASSERT_TRUE(forge_.run(kAlice, undo).applied());
    }
}

TEST_F(SignedPush, by_the_key_of_another_account_says_nothing_of_this_one) {
    const crypto::SigningKey bobs = key_from(3);
    ASSERT_TRUE(forge_.run(kBob, CreateSshKey{kBob, "", bobs.public_key()}).applied());
    const std::string text = text_for(creation());
    const TransactionResult result = push(text, support::ssh_sign(bobs, "git", as_bytes(text)));
    ASSERT_TRUE(result.applied());
    EXPECT_EQ(result.ssh_key.value, 0u);
}

TEST_F(SignedPush, whose_signature_does_not_fit_is_refused) {
    const std::string text = text_for(creation());
    EXPECT_EQ(code_of(push(text, sign(text + "x"))), ErrorCode::invalid);
    EXPECT_EQ(code_of(push(text, support::ssh_sign(key_, "file", as_bytes(text)))),
              ErrorCode::invalid);
    EXPECT_EQ(code_of(push(text, "-----BEGIN SSH SIGNATURE-----\nAAAA\n")), ErrorCode::invalid);
    EXPECT_FALSE(forge_.ref(action_.repository, "refs/heads/main"));
}

TEST_F(SignedPush, does_what_is_signed_and_nothing_else) {
    for (const std::string& commands :
         {kNull + " " + object(2).hex() + " refs/heads/main\n",
          kNull + " " + object(1).hex() + " refs/heads/other\n",
          object(3).hex() + " " + object(1).hex() + " refs/heads/main\n"}) {
        const std::string text = text_for(commands);
        EXPECT_EQ(code_of(push(text, sign(text))), ErrorCode::invalid) << commands;
    }
    const std::string text = text_for(creation());
    action_.push_options = {"ci.skip"};
    EXPECT_EQ(code_of(push(text, sign(text))), ErrorCode::invalid);
    action_.push_options.clear();
    // What was refused before it came here may be missing.
    const std::string more = text_for(creation() + kNull + " " + object(5).hex() + " bad name\n");
    EXPECT_TRUE(push(more, sign(more)).applied());
}

TEST_F(SignedPush, that_is_no_certificate_is_refused) {
    EXPECT_EQ(code_of(push("hello", "")), ErrorCode::invalid);
    const std::string text = text_for(creation());
    EXPECT_EQ(code_of(push(text, "")), ErrorCode::invalid);
}

}  // namespace
}  // namespace ashlar::forge
