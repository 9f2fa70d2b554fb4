// Ed25519 keys and signatures as OpenSSH writes them: the line of a public key file (RFC 4253,
// section 6.6; RFC 8709), its fingerprint, and armored signatures (OpenSSH's PROTOCOL.sshsig),
// which git makes with gpg.format=ssh.
#pragma once

#include <string>
#include <string_view>

#include "crypto/ed25519.h"

namespace ashlar::crypto {

inline constexpr std::size_t kSshKeyLineSizeMax = 8192;
inline constexpr std::size_t kSshSignatureSizeMax = 16384;  // armored

// "ssh-ed25519 <base64> [comment]", alone on one line. Fails with `unsupported` where it is a key
// of another kind, `invalid` where it is none, `limit_exceeded`.
Expected<PublicKey> parse_ssh_public_key(std::string_view line);
// "ssh-ed25519 <base64>"
std::string format_ssh_public_key(const PublicKey& key);
// "SHA256:<base64 without padding>", as ssh-keygen -l shows it.
std::string ssh_fingerprint(const PublicKey& key);

struct SshSignature {
    PublicKey key;
    std::string name_space;      // what it was made for: "git", "file"
    Bytes reserved;              // is signed, and means nothing yet
    std::string hash_algorithm;  // "sha256" or "sha512"
    Signature signature;
};

// The text between and with its BEGIN and END lines; white space may follow. Fails with
// `unsupported` where the key, the version or the hash is another, `invalid` where it is malformed,
// `limit_exceeded`.
Expected<SshSignature> parse_ssh_signature(std::string_view armored);
// Whether its key signed the message for that name space. Whose key it is, is another question.
bool verify(const SshSignature& signature, std::string_view name_space, ByteView message);

}  // namespace ashlar::crypto
