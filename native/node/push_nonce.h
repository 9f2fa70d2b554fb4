// What whoever signs a push signs with it, so that the certificate cannot be used again later or
// elsewhere (gitprotocol-pack, "Push Certificate"). Nothing is remembered: a nonce is the time, and
// a hash of the time, the repository and a secret of this node's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/ed25519.h"
#include "forge/ids.h"

namespace ashlar::node {

// Between the nonce and the push lie a passphrase and the packing of the objects.
inline constexpr std::uint64_t kPushNonceAgeMaxSeconds = 600;

class PushNonces {
  public:
    // The secret is made of the key, so that it outlives the process and is nobody else's.
    explicit PushNonces(const crypto::SigningKey& key);

    // "<seconds since 1970>-<64 hexadecimal digits>"
    std::string make(forge::RepositoryId repository, std::uint64_t now_ms) const;
    // Fails with `invalid`, saying what to do, where the nonce is none that make() gave for this
    // repository, or too old.
    Expected<void> check(forge::RepositoryId repository, std::string_view nonce,
                         std::uint64_t now_ms) const;

  private:
    std::string nonce_at(forge::RepositoryId repository, std::uint64_t seconds) const;

    crypto::Signature secret_;
};

}  // namespace ashlar::node
