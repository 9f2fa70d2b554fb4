#include "base/bytes.h"

#include "base/assert.h"

namespace ashlar {

namespace {

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

std::uint32_t read_big_endian_32(ByteView from) {
    ASHLAR_ASSERT(from.size() >= 4);
    return (std::uint32_t{from[0]} << 24) | (std::uint32_t{from[1]} << 16) |
           (std::uint32_t{from[2]} << 8) | std::uint32_t{from[3]};
}

std::uint64_t read_big_endian_64(ByteView from) {
    return (std::uint64_t{read_big_endian_32(from)} << 32) | read_big_endian_32(from.subspan(4));
}

void append_big_endian_32(Bytes& to, std::uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) to.push_back(static_cast<Byte>(value >> shift));
}

void append_big_endian_64(Bytes& to, std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) to.push_back(static_cast<Byte>(value >> shift));
}

std::string to_hex(ByteView bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (Byte byte : bytes) {
        text.push_back(kDigits[byte >> 4]);
        text.push_back(kDigits[byte & 15]);
    }
    return text;
}

Expected<Bytes> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return fail(ErrorCode::invalid, "hexadecimal of an odd length");
    Bytes bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        int high = hex_value(text[i]);
        int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return fail(ErrorCode::invalid, "not a hexadecimal digit");
        bytes.push_back(static_cast<Byte>((high << 4) | low));
    }
    return bytes;
}

bool equal_in_constant_time(ByteView left, ByteView right) {
    if (left.size() != right.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < left.size(); ++i) {
        difference |= static_cast<unsigned>(left[i] ^ right[i]);
    }
    return difference == 0;
}

}  // namespace ashlar
