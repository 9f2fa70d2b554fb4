// Ed25519 keys and signatures (RFC 8032), by libsodium. Whoever signs or verifies prefixes the
// message with its domain (chain id, epoch, kind), so that nothing signed for one purpose serves
// another.
#pragma once

#include <array>
#include <compare>
#include <string>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::crypto {

struct PublicKey {
    static constexpr std::size_t kSize = 32;
    std::array<Byte, kSize> bytes{};
    ByteView view() const { return bytes; }
    std::string hex() const { return to_hex(bytes); }
    static Expected<PublicKey> from_bytes(ByteView bytes);
    static Expected<PublicKey> from_hex(std::string_view text);
    friend bool operator==(const PublicKey&, const PublicKey&) = default;
    friend bool operator<(const PublicKey& left, const PublicKey& right) {
        return left.bytes < right.bytes;
    }
};

struct Signature {
    static constexpr std::size_t kSize = 64;
    std::array<Byte, kSize> bytes{};
    ByteView view() const { return bytes; }
    static Expected<Signature> from_bytes(ByteView bytes);
    friend bool operator==(const Signature&, const Signature&) = default;
};

// A secret key; wiped when it goes.
class SigningKey {
  public:
    static constexpr std::size_t kSeedSize = 32;
    // The same seed gives the same key. Fails with `invalid` unless the seed has 32 bytes.
    static Expected<SigningKey> from_seed(ByteView seed);
    ~SigningKey();
    SigningKey(const SigningKey&) = default;
    SigningKey& operator=(const SigningKey&) = default;

    const PublicKey& public_key() const { return public_key_; }
    Signature sign(ByteView message) const;

  private:
    SigningKey() = default;
    std::array<Byte, 64> secret_{};
    PublicKey public_key_;
};

bool verify(const PublicKey& key, ByteView message, const Signature& signature);

}  // namespace ashlar::crypto
