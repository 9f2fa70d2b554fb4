#include "crypto/digest.h"

#include <sodium/crypto_generichash_blake2b.h>

#include <algorithm>

#include "base/assert.h"

namespace ashlar::crypto {

struct Hasher::State {
    crypto_generichash_blake2b_state blake2b;
};

Expected<Digest> Digest::from_bytes(ByteView bytes) {
    if (bytes.size() != kSize) {
        return fail(ErrorCode::invalid,
                    "a digest has 32 bytes, not " + std::to_string(bytes.size()));
    }
    Digest digest;
    std::copy(bytes.begin(), bytes.end(), digest.bytes.begin());
    return digest;
}

Expected<Digest> Digest::from_hex(std::string_view text) {
    ASHLAR_TRY(Bytes bytes, ashlar::from_hex(text));
    return from_bytes(bytes);
}

Hasher::Hasher(std::string_view domain) : state_(std::make_unique<State>()) {
    ASHLAR_ASSERT(!domain.empty() && domain.size() <= crypto_generichash_blake2b_KEYBYTES_MAX);
    ByteView key = as_bytes(domain);
    int result =
        crypto_generichash_blake2b_init(&state_->blake2b, key.data(), key.size(), Digest::kSize);
    ASHLAR_ASSERT(result == 0);
}

Hasher::~Hasher() = default;
Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;

Hasher& Hasher::update(ByteView bytes) {
    crypto_generichash_blake2b_update(&state_->blake2b, bytes.data(), bytes.size());
    return *this;
}

Digest Hasher::finish() {
    Digest digest;
    int result = crypto_generichash_blake2b_final(&state_->blake2b, digest.bytes.data(),
                                                  digest.bytes.size());
    ASHLAR_ASSERT(result == 0);
    return digest;
}

Digest hash(std::string_view domain, ByteView bytes) {
    return Hasher(domain).update(bytes).finish();
}

}  // namespace ashlar::crypto
