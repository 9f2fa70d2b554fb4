#include "crypto/ed25519.h"

#include <sodium/crypto_sign_ed25519.h>
#include <sodium/utils.h>

#include <algorithm>

#include "base/assert.h"

namespace ashlar::crypto {

namespace {

template <typename T>
Expected<T> exactly(ByteView bytes, const char* what) {
    if (bytes.size() != T::kSize) {
        return fail(ErrorCode::invalid, std::string(what) + " has " + std::to_string(T::kSize) +
                                            " bytes, not " + std::to_string(bytes.size()));
    }
    T value;
    std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
    return value;
}

}  // namespace

Expected<PublicKey> PublicKey::from_bytes(ByteView bytes) {
    return exactly<PublicKey>(bytes, "an Ed25519 public key");
}

Expected<PublicKey> PublicKey::from_hex(std::string_view text) {
    ASHLAR_TRY(Bytes bytes, ashlar::from_hex(text));
    return from_bytes(bytes);
}

Expected<Signature> Signature::from_bytes(ByteView bytes) {
    return exactly<Signature>(bytes, "an Ed25519 signature");
}

Expected<SigningKey> SigningKey::from_seed(ByteView seed) {
    if (seed.size() != kSeedSize) return fail(ErrorCode::invalid, "a key's seed has 32 bytes");
    SigningKey key;
    int result = crypto_sign_ed25519_seed_keypair(key.public_key_.bytes.data(), key.secret_.data(),
                                                  seed.data());
    ASHLAR_ASSERT(result == 0);
    return key;
}

SigningKey::~SigningKey() {
    sodium_memzero(secret_.data(), secret_.size());
}

Signature SigningKey::sign(ByteView message) const {
    Signature signature;
    int result = crypto_sign_ed25519_detached(signature.bytes.data(), nullptr, message.data(),
                                              message.size(), secret_.data());
    ASHLAR_ASSERT(result == 0);
    return signature;
}

bool verify(const PublicKey& key, ByteView message, const Signature& signature) {
    return crypto_sign_ed25519_verify_detached(signature.bytes.data(), message.data(),
                                               message.size(), key.bytes.data()) == 0;
}

}  // namespace ashlar::crypto
