// SHA-256 and SHA-512 (FIPS 180-4), by libsodium: for formats of others (OpenSSH) that ask for
// them. What is ours is hashed by digest.h.
#pragma once

#include <array>

#include "base/bytes.h"

namespace ashlar::crypto {

using Sha256Digest = std::array<Byte, 32>;
using Sha512Digest = std::array<Byte, 64>;

Sha256Digest sha256(ByteView bytes);
Sha512Digest sha512(ByteView bytes);

}  // namespace ashlar::crypto
