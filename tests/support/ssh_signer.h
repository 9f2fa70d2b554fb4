// Signs as OpenSSH does (PROTOCOL.sshsig), with a key of ours: for tests of what verifies it.
#pragma once

#include <string>
#include <string_view>

#include "base/base64.h"
#include "crypto/ed25519.h"
#include "crypto/sha2.h"

namespace ashlar::support {

inline void append_ssh_string(Bytes& to, ByteView bytes) {
    append_big_endian_32(to, static_cast<std::uint32_t>(bytes.size()));
    append(to, bytes);
}

// The armored signature, with its BEGIN and END lines.
inline std::string ssh_sign(const crypto::SigningKey& key, std::string_view name_space,
                            ByteView message) {
    const std::string_view type = "ssh-ed25519";
    Bytes is_signed = to_bytes("SSHSIG");
    append_ssh_string(is_signed, as_bytes(name_space));
    append_ssh_string(is_signed, {});
    append_ssh_string(is_signed, as_bytes("sha512"));
    append_ssh_string(is_signed, crypto::sha512(message));

    Bytes public_key;
    append_ssh_string(public_key, as_bytes(type));
    append_ssh_string(public_key, key.public_key().view());
    Bytes signature;
    append_ssh_string(signature, as_bytes(type));
    append_ssh_string(signature, key.sign(is_signed).view());

    Bytes blob = to_bytes("SSHSIG");
    append_big_endian_32(blob, 1);
    append_ssh_string(blob, public_key);
    append_ssh_string(blob, as_bytes(name_space));
    append_ssh_string(blob, {});
    append_ssh_string(blob, as_bytes("sha512"));
    append_ssh_string(blob, signature);
    return "-----BEGIN SSH SIGNATURE-----\n" + to_base64(blob) + "\n-----END SSH SIGNATURE-----\n";
}

}  // namespace ashlar::support
