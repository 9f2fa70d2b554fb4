// BLAKE2b-256, the hash of everything that is ours (git's objects keep git's). Each use has a
// domain, so that a hash made for one purpose never stands for another.
#pragma once

#include <array>
#include <compare>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::crypto {

struct Digest {
    static constexpr std::size_t kSize = 32;
    std::array<Byte, kSize> bytes{};

    ByteView view() const { return bytes; }
    std::string hex() const { return to_hex(bytes); }
    bool is_zero() const { return *this == Digest{}; }
    // Fails with `invalid` unless the input has exactly 32 bytes, or 64 hexadecimal digits.
    static Expected<Digest> from_bytes(ByteView bytes);
    static Expected<Digest> from_hex(std::string_view text);

    friend bool operator==(const Digest&, const Digest&) = default;
    friend std::strong_ordering operator<=>(const Digest& left, const Digest& right) {
        for (std::size_t i = 0; i < kSize; ++i) {
            if (left.bytes[i] != right.bytes[i]) return left.bytes[i] <=> right.bytes[i];
        }
        return std::strong_ordering::equal;
    }
};

// A streaming hash. The domain is at most 64 bytes and is mixed in as BLAKE2b's key.
class Hasher {
  public:
    explicit Hasher(std::string_view domain);
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;

    Hasher& update(ByteView bytes);
    // Ends the hash; the hasher may not be used afterwards.
    Digest finish();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

Digest hash(std::string_view domain, ByteView bytes);

}  // namespace ashlar::crypto

template <>
struct std::hash<ashlar::crypto::Digest> {
    std::size_t operator()(const ashlar::crypto::Digest& digest) const noexcept {
        std::size_t value = 0;
        for (std::size_t i = 0; i < sizeof(value); ++i) value = (value << 8) | digest.bytes[i];
        return value;
    }
};
