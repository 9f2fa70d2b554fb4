#include "native/http/gzip_decoder.h"

#include <zlib.h>

#include <utility>

#include "base/assert.h"

namespace ashlar::http {

namespace {
constexpr std::size_t kPieceBytes = 64 << 10;
constexpr int kGzipOnly = 15 + 16;  // inflateInit2: largest window, gzip's frame
}  // namespace

struct GzipDecoder::State {
    z_stream stream{};
    std::uint64_t bytes_max = 0;
    std::uint64_t bytes_in = 0;
    std::uint64_t bytes_out = 0;
    bool ended = false;
};

GzipDecoder::GzipDecoder(std::uint64_t bytes_max) : state_(std::make_unique<State>()) {
    state_->bytes_max = bytes_max;
    ASHLAR_ASSERT(inflateInit2(&state_->stream, kGzipOnly) == Z_OK);
}

GzipDecoder::~GzipDecoder() {
    inflateEnd(&state_->stream);
}

Expected<void> GzipDecoder::feed(ByteView packed, const Sink& sink) {
    State& state = *state_;
    if (packed.empty()) return {};
    if (state.ended) return fail(ErrorCode::invalid, "bytes after the end of the gzipped body");
    state.bytes_in += packed.size();
    state.stream.next_in = const_cast<Bytef*>(packed.data());
    state.stream.avail_in = static_cast<uInt>(packed.size());
    for (;;) {
        Bytes piece(kPieceBytes);
        state.stream.next_out = piece.data();
        state.stream.avail_out = static_cast<uInt>(piece.size());
        int result = inflate(&state.stream, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
            return fail(ErrorCode::invalid, "the gzipped body is damaged");
        }
        piece.resize(kPieceBytes - state.stream.avail_out);
        bool filled = state.stream.avail_out == 0;
        state.bytes_out += piece.size();
        if (state.bytes_out > state.bytes_max ||
            (state.bytes_out > kGzipRatioFree &&
             state.bytes_out / kGzipRatioMax > state.bytes_in)) {
            return fail(ErrorCode::limit_exceeded, "the gzipped body unpacks to too many bytes");
        }
        if (!piece.empty() && !sink(std::move(piece))) return {};
        if (result == Z_STREAM_END) {
            state.ended = true;
            if (state.stream.avail_in == 0) return {};
            return fail(ErrorCode::invalid, "bytes after the end of the gzipped body");
        }
        if (!filled && state.stream.avail_in == 0) return {};
    }
}

Expected<void> GzipDecoder::finish() const {
    if (!state_->ended) return fail(ErrorCode::invalid, "the gzipped body ends too early");
    return {};
}

}  // namespace ashlar::http
