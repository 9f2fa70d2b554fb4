// Bytes and views of bytes, and their hexadecimal form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"

namespace ashlar {

using Byte = std::uint8_t;
using Bytes = std::vector<Byte>;
using ByteView = std::span<const Byte>;  // a parameter only: it owns nothing

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const Byte*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes to_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}
inline Bytes to_bytes(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}
inline void append(Bytes& to, ByteView bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}
inline void append(Bytes& to, std::string_view text) {
    append(to, as_bytes(text));
}

// Big-endian, as git's formats and our keys have them; the spans hold at least 4 or 8 bytes.
std::uint32_t read_big_endian_32(ByteView from);
std::uint64_t read_big_endian_64(ByteView from);
void append_big_endian_32(Bytes& to, std::uint32_t value);
void append_big_endian_64(Bytes& to, std::uint64_t value);

// Lower-case hexadecimal.
std::string to_hex(ByteView bytes);
// Accepts both cases; fails with `invalid` on an odd length or another character.
Expected<Bytes> from_hex(std::string_view text);

// Byte-wise equality whose time does not depend on where the two differ (for secrets).
bool equal_in_constant_time(ByteView left, ByteView right);

}  // namespace ashlar
