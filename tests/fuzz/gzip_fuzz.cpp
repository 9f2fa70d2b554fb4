// A gzipped body: the first byte says how long the pieces are that it comes in. Whole or in pieces
// it is the same, and never more than it may be.
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "native/http/gzip_decoder.h"

namespace {

using namespace ashlar;

constexpr std::uint64_t kBytesMax = std::uint64_t{2} << 20;

// Nothing where it is refused.
std::optional<Bytes> unpack(ByteView packed, std::size_t piece_size) {
    http::GzipDecoder decoder(kBytesMax);
    Bytes all;
    const http::GzipDecoder::Sink sink = [&all](Bytes piece) {
        append(all, piece);
        if (all.size() > kBytesMax) std::abort();
        return true;
    };
    while (!packed.empty()) {
        const ByteView piece = packed.first(std::min(piece_size, packed.size()));
        if (!decoder.feed(piece, sink)) return std::nullopt;
        packed = packed.subspan(piece.size());
    }
    if (!decoder.finish()) return std::nullopt;
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const ByteView packed(data + 1, size - 1);
    if (unpack(packed, packed.size() + 1) != unpack(packed, std::size_t{data[0]} + 1)) std::abort();
    return 0;
}
