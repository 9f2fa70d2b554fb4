// Something that others own, behind RandomAccess: it must outlive what is returned.
#pragma once

#include <algorithm>
#include <memory>

#include "base/random_access.h"

namespace ashlar::git {

class BorrowedBytes : public RandomAccess {
  public:
    explicit BorrowedBytes(ByteView bytes) : bytes_(bytes) {}
    std::uint64_t size() const override { return bytes_.size(); }
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const override {
        if (offset > bytes_.size() || into.size() > bytes_.size() - offset) {
            return fail(ErrorCode::corrupt, "a read ends beyond the bytes");
        }
        ByteView from = bytes_.subspan(static_cast<std::size_t>(offset), into.size());
        std::copy(from.begin(), from.end(), into.begin());
        return {};
    }
    ByteView mapped() const override { return bytes_; }

  private:
    ByteView bytes_;
};

inline std::shared_ptr<const RandomAccess> view_of(ByteView bytes) {
    return std::make_shared<BorrowedBytes>(bytes);
}

// Shares nothing: the deleter does not delete.
inline std::shared_ptr<const RandomAccess> view_of(const RandomAccess& source) {
    return std::shared_ptr<const RandomAccess>(&source, [](const RandomAccess*) {});
}

}  // namespace ashlar::git
