// Inflates a gzipped request body within bounds (git gzips its wants and haves).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::http {

// Unpacked bytes for each packed one, counted once the first kGzipRatioFree bytes came out. Text
// reaches 20; a bomb has 1000.
inline constexpr std::uint64_t kGzipRatioMax = 100;
inline constexpr std::uint64_t kGzipRatioFree = 1 << 20;

class GzipDecoder {
  public:
    // Unpacked bytes in pieces of at most 64 KiB; returns false to stop early.
    using Sink = std::function<bool(Bytes piece)>;

    explicit GzipDecoder(std::uint64_t bytes_max);
    ~GzipDecoder();
    GzipDecoder(const GzipDecoder&) = delete;
    GzipDecoder& operator=(const GzipDecoder&) = delete;

    // Fails with `invalid` on a broken stream or bytes after its end, with `limit_exceeded` where
    // too much comes out.
    Expected<void> feed(ByteView packed, const Sink& sink);
    // Fails with `invalid` unless the stream has ended.
    Expected<void> finish() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace ashlar::http
