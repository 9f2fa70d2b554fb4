// A push certificate (gitprotocol-pack, "Push Certificate"): the commands of a push, signed by the
// pusher. It is recorded as it came; who verifies it has the signed bytes and the signature.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"
#include "git/object/object_id.h"

namespace ashlar::git {

inline constexpr std::size_t kPushCertificateSizeMax = std::size_t{4} << 20;
inline constexpr std::size_t kPushCertificateOptionsMax = 64;
inline constexpr std::size_t kPushCertificateCommandsMax = std::size_t{1} << 18;

struct PushCertificate {
    Bytes text;          // everything before the signature: what was signed
    Bytes signature;     // armored, SSH or OpenPGP, with its BEGIN and END lines
    std::string pusher;  // "Name <address>"
    std::string pushee;  // the URL that the pusher meant; may be empty
    std::string nonce;   // as the server gave it; may be empty
    std::vector<std::string> push_options;
    std::vector<std::string> commands;  // "<old id> <new id> <ref name>"

    // Else by OpenPGP or X.509.
    bool is_signed_by_ssh() const;
    // As it came.
    Bytes whole() const;
};

// Parses the lines between "push-cert" and "push-cert-end". Fails with `invalid` unless it has
// version 0.1, a pusher, a command and a signature, and nothing that is not known; with
// `limit_exceeded` beyond the limits above. What the commands say is not looked at.
Expected<PushCertificate> parse_push_certificate(ByteView bytes);

}  // namespace ashlar::git
