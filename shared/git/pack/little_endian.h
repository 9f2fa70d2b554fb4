// Numbers of fixed width in our own formats.
#pragma once

#include "base/bytes.h"

namespace ashlar::git {

// The span holds at least `width` bytes; compilers make one load of it.
template <typename Number>
Number read_little_endian(ByteView from) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) value |= std::uint64_t{from[i]} << (8 * i);
    return static_cast<Number>(value);
}

template <typename Number>
void append_little_endian(Bytes& to, Number value) {
    auto wide = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        to.push_back(static_cast<Byte>(wide >> (8 * i)));
}

template <typename Number>
void write_little_endian(std::span<Byte> to, Number value) {
    auto wide = static_cast<std::uint64_t>(value);
    for (std::size_t i = 0; i < sizeof(Number); ++i) to[i] = static_cast<Byte>(wide >> (8 * i));
}

}  // namespace ashlar::git
