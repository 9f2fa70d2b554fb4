// Bytes in memory behind the RandomAccess interface.
#pragma once

#include <algorithm>
#include <utility>

#include "base/random_access.h"

namespace ashlar {

class MemoryBytes : public RandomAccess {
  public:
    explicit MemoryBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
    std::uint64_t size() const override { return bytes_.size(); }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        if (offset > bytes_.size() || into.size() > bytes_.size() - offset) {
            return fail(ErrorCode::corrupt, "a read ends beyond the stored bytes");
        }
        auto first = bytes_.begin() + static_cast<std::ptrdiff_t>(offset);
        std::copy(first, first + static_cast<std::ptrdiff_t>(into.size()), into.begin());
        return {};
    }
    ByteView mapped() const override { return bytes_; }

  private:
    Bytes bytes_;
};

}  // namespace ashlar
