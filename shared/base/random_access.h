// Bytes that can be read at any offset, from any thread: a stored pack, an index, a file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar {

class RandomAccess {
  public:
    virtual ~RandomAccess() = default;
    virtual std::uint64_t size() const = 0;
    // Fills `into` from `offset`. Fails with `corrupt` where the range ends beyond size() or the
    // medium fails, with `needs_data` where a host has to fetch it first.
    virtual Expected<void> read(std::uint64_t offset, std::span<Byte> into) const = 0;
    // The whole content, where it lies in memory (or is mapped); empty otherwise. Valid as long as
    // the object lives.
    virtual ByteView mapped() const { return {}; }
    // A file that holds exactly these bytes, for sendfile; nothing where there is none.
    virtual std::optional<int> file_descriptor() const { return std::nullopt; }
};

}  // namespace ashlar
