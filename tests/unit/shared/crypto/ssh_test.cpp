#include "crypto/ssh.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "crypto/sha2.h"

namespace ashlar::crypto {
namespace {

// Made by OpenSSH 9.2: ssh-keygen -t ed25519, ssh-keygen -l, ssh-keygen -Y sign -n git.
constexpr std::string_view kKeyLine =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAII4gvDPn/JrYBCC0hXRRV5WMrpOI49C9Vldx2ejv4OuU a comment\n";
constexpr std::string_view kFingerprint = "SHA256:vBd50a0u7h17R2swnKE/zyToUG0L2OOTh+H1aR1YNNU";
constexpr std::string_view kSignature =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgjiC8M+f8mtgEILSFdFFXlYyuk4\n"
    "jj0L1WV3HZ6O/g65QAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5\n"
    "AAAAQCg128fcWZpH8zSBgs+pGlB+cED11OM3yY9GyWVAt+gxCyLIc8rcHToQYQMrB2PcLz\n"
    "XKlntotB6aoRBekyKUoAQ=\n"
    "-----END SSH SIGNATURE-----\n";
constexpr std::string_view kSignatureBySha256 =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgjiC8M+f8mtgEILSFdFFXlYyuk4\n"
    "jj0L1WV3HZ6O/g65QAAAADZ2l0AAAAAAAAAAZzaGEyNTYAAABTAAAAC3NzaC1lZDI1NTE5\n"
    "AAAAQMg/MV7LnCtNkesasXeXzT5lDXMqJBZFTMtim9YvReQ9grXqGc/oB/1StqONsaJMPP\n"
    "NpkMFMjWwI83D1H6pB4QQ=\n"
    "-----END SSH SIGNATURE-----\n";
constexpr std::string_view kMessage = "hello\n";

std::optional<ErrorCode> code_of_key(std::string_view line) {
    const auto key = parse_ssh_public_key(line);
    return key ? std::nullopt : std::optional(key.error().code);
}
std::optional<ErrorCode> code_of_signature(std::string_view armored) {
    const auto signature = parse_ssh_signature(armored);
    return signature ? std::nullopt : std::optional(signature.error().code);
}

// The signature with one byte of its blob changed.
std::string damaged(std::string_view armored, std::size_t position) {
    constexpr std::string_view kBegin = "-----BEGIN SSH SIGNATURE-----\n";
    constexpr std::string_view kEnd = "-----END SSH SIGNATURE-----\n";
    std::string text;
    for (char character :
         armored.substr(kBegin.size(), armored.size() - kBegin.size() - kEnd.size())) {
        if (character != '\n') text.push_back(character);
    }
    Bytes blob = from_base64(text).value();
    blob[position % blob.size()] ^= 0x01;
    return std::string(kBegin) + to_base64(blob) + "\n" + std::string(kEnd);
}

TEST(Sha2, gives_the_digests_of_the_standard) {
    EXPECT_EQ(to_hex(sha256(as_bytes("abc"))),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha512(as_bytes("abc"))).substr(0, 32), "ddaf35a193617abacc417349ae204131");
}

TEST(SshKey, is_read_and_named_as_openssh_does_it) {
    const auto key = parse_ssh_public_key(kKeyLine);
    ASSERT_TRUE(key) << key.error().message();
    EXPECT_EQ(ssh_fingerprint(*key), kFingerprint);
    EXPECT_EQ(format_ssh_public_key(*key) + " a comment\n", kKeyLine);
}

TEST(SshKey, of_another_kind_or_of_none_is_refused) {
    EXPECT_EQ(code_of_key("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB"), ErrorCode::unsupported);
    EXPECT_EQ(code_of_key(""), ErrorCode::invalid);
    EXPECT_EQ(code_of_key("ssh-ed25519"), ErrorCode::invalid);
    EXPECT_EQ(code_of_key("ssh-ed25519 AAAA"), ErrorCode::invalid);
    EXPECT_EQ(code_of_key("ssh-ed25519 !!!!"), ErrorCode::invalid);
    EXPECT_EQ(code_of_key(std::string(kKeyLine) + std::string(kKeyLine)), ErrorCode::invalid);
    EXPECT_EQ(code_of_key(std::string(kKeyLine) + std::string(kSshKeyLineSizeMax, 'a')),
              ErrorCode::limit_exceeded);
    std::string longer(kKeyLine.substr(0, kKeyLine.find(" a comment")));
    EXPECT_EQ(code_of_key(longer + "AAAA"), ErrorCode::invalid);
    EXPECT_EQ(code_of_key(longer.substr(0, longer.size() - 4)), ErrorCode::invalid);
}

TEST(SshSignature, of_openssh_holds_for_its_message_and_name_space_only) {
    for (std::string_view armored : {kSignature, kSignatureBySha256}) {
        const auto signature = parse_ssh_signature(armored);
        ASSERT_TRUE(signature) << signature.error().message();
        EXPECT_EQ(ssh_fingerprint(signature->key), kFingerprint);
        EXPECT_TRUE(verify(*signature, "git", as_bytes(kMessage)));
        EXPECT_FALSE(verify(*signature, "file", as_bytes(kMessage)));
        EXPECT_FALSE(verify(*signature, "git", as_bytes("hello")));
    }
}

TEST(SshSignature, with_any_byte_changed_does_not_hold) {
    for (std::size_t position = 0; position < 200; ++position) {
        const auto signature = parse_ssh_signature(damaged(kSignature, position));
        EXPECT_FALSE(signature && verify(*signature, "git", as_bytes(kMessage))) << position;
    }
}

TEST(SshSignature, cut_short_or_without_its_lines_is_refused) {
    for (std::size_t size = 0; size + 1 < kSignature.size(); size += 7) {
        EXPECT_TRUE(code_of_signature(kSignature.substr(0, size))) << size;
    }
    EXPECT_EQ(code_of_signature("-----BEGIN SSH SIGNATURE----------END SSH SIGNATURE-----"),
              ErrorCode::invalid);
    EXPECT_EQ(code_of_signature(std::string(kSignature) + std::string(kSshSignatureSizeMax, 'a')),
              ErrorCode::limit_exceeded);
}

TEST(SshSignature, of_another_version_or_kind_of_key_is_not_known) {
    EXPECT_EQ(code_of_signature(damaged(kSignature, 9)), ErrorCode::unsupported);
    EXPECT_EQ(code_of_signature(damaged(kSignature, 18)), ErrorCode::unsupported);
}

}  // namespace
}  // namespace ashlar::crypto
