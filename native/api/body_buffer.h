// Bodies that have to be whole before they are answered (wants and haves, JSON). Each is small, but
// many clients can send one at once, so all of them share a budget.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/bytes.h"

namespace ashlar::native {

inline constexpr std::uint64_t kBufferedBodiesBytesMax = std::uint64_t{128} << 20;

class BodyBudget {
  public:
    explicit BodyBudget(std::uint64_t bytes_max = kBufferedBodiesBytesMax) : left_(bytes_max) {}

    // Whether there was room. From any thread.
    bool take(std::uint64_t bytes) {
        std::uint64_t left = left_;
        while (left >= bytes) {
            if (left_.compare_exchange_weak(left, left - bytes)) return true;
        }
        return false;
    }
    void give_back(std::uint64_t bytes) { left_ += bytes; }

  private:
    std::atomic<std::uint64_t> left_;
};

class BodyBuffer {
  public:
    // The budget outlives this.
    explicit BodyBuffer(BodyBudget& budget) : budget_(budget) {}
    ~BodyBuffer() { budget_.give_back(bytes_.size()); }
    BodyBuffer(const BodyBuffer&) = delete;
    BodyBuffer& operator=(const BodyBuffer&) = delete;

    // False where the budget is spent: the client is to come again later.
    bool add(ByteView piece) {
        if (!budget_.take(piece.size())) return false;
        append(bytes_, piece);
        return true;
    }
    ByteView bytes() const { return bytes_; }

  private:
    BodyBudget& budget_;
    Bytes bytes_;
};

}  // namespace ashlar::native
