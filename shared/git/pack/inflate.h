// zlib streams, in and out: libdeflate for what lies whole in memory (2.7 times as fast), zlib for
// what arrives piece by piece.
#pragma once

#include <functional>
#include <memory>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::git {

// Inflates zlib streams that are whole. One owner, used again and again.
class WholeInflater {
  public:
    WholeInflater();
    ~WholeInflater();
    WholeInflater(WholeInflater&&) noexcept;
    WholeInflater& operator=(WholeInflater&&) noexcept;

    // Inflates the stream at the start of `from`, which must give exactly into.size() bytes, and
    // returns how many bytes of `from` it took. Fails with `invalid` otherwise; a stream that is
    // cut short fails the same way.
    Expected<std::size_t> inflate(ByteView from, std::span<Byte> into);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Inflates one zlib stream piece by piece.
class StreamInflater {
  public:
    struct Step {
        std::size_t consumed = 0;
        std::size_t produced = 0;
        bool finished = false;
    };

    StreamInflater();
    ~StreamInflater();
    StreamInflater(StreamInflater&&) noexcept;
    StreamInflater& operator=(StreamInflater&&) noexcept;

    // Begins the next stream.
    void reset();
    // Takes some input and fills some output; needs more of one of them where neither is used
    // up. Fails with `invalid` where the stream is broken.
    Expected<Step> step(ByteView from, std::span<Byte> into);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// The CRC-32 that zlib, gzip and pack indexes use, going on from an earlier one (0 at first).
std::uint32_t crc32_of(std::uint32_t before, ByteView bytes);

// What a whole stream of `size` bytes takes at most when a common encoder made it.
std::size_t deflated_size_bound(std::uint64_t size);

// Deflates what lies whole in memory into a zlib stream. The bytes may differ between versions of
// the library: nothing may depend on them.
class WholeDeflater {
  public:
    static constexpr int kLevelDefault = 6;
    // For what is sent once: twice as fast, and a tenth larger.
    static constexpr int kLevelFast = 1;
    explicit WholeDeflater(int level = kLevelDefault);
    ~WholeDeflater();
    WholeDeflater(WholeDeflater&&) noexcept;
    WholeDeflater& operator=(WholeDeflater&&) noexcept;

    void deflate(ByteView from, Bytes& appended_to);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Deflates something large, giving the zlib stream away in pieces.
Expected<void> deflate_in_pieces(ByteView from,
                                 const std::function<Expected<void>(ByteView piece)>& give);

}  // namespace ashlar::git
