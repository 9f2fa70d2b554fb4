#include "crypto/sha2.h"

#include <sodium/crypto_hash_sha256.h>
#include <sodium/crypto_hash_sha512.h>

namespace ashlar::crypto {

Sha256Digest sha256(ByteView bytes) {
    Sha256Digest digest{};
    crypto_hash_sha256(digest.data(), bytes.data(), bytes.size());
    return digest;
}

Sha512Digest sha512(ByteView bytes) {
    Sha512Digest digest{};
    crypto_hash_sha512(digest.data(), bytes.data(), bytes.size());
    return digest;
}

}  // namespace ashlar::crypto
