// The name of a git object: the SHA-1 of its header and content.
#pragma once

#include <array>
#include <compare>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::git {

struct ObjectId {
    static constexpr std::size_t kSize = 20;
    std::array<Byte, kSize> bytes{};

    ByteView view() const { return bytes; }
    std::string hex() const { return to_hex(bytes); }
    bool is_null() const { return *this == ObjectId{}; }

    // Fail with `invalid` unless the input has exactly 20 bytes, or 40 hexadecimal digits.
    static Expected<ObjectId> from_bytes(ByteView bytes);
    static Expected<ObjectId> from_hex(std::string_view text);

    friend bool operator==(const ObjectId&, const ObjectId&) = default;
    friend std::strong_ordering operator<=>(const ObjectId& left, const ObjectId& right) {
        return std::memcmp(left.bytes.data(), right.bytes.data(), kSize) <=> 0;
    }
};

}  // namespace ashlar::git

template <>
struct std::hash<ashlar::git::ObjectId> {
    std::size_t operator()(const ashlar::git::ObjectId& id) const noexcept {
        std::size_t value = 0;
        std::memcpy(&value, id.bytes.data(), sizeof(value));
        return value;
    }
};
