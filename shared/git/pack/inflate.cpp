#include "git/pack/inflate.h"

#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace ashlar::git {

struct WholeInflater::State {
    State() : decompressor(libdeflate_alloc_decompressor()) {
        ASHLAR_ASSERT(decompressor != nullptr);
    }
    ~State() { libdeflate_free_decompressor(decompressor); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    libdeflate_decompressor* decompressor;
};

WholeInflater::WholeInflater() : state_(std::make_unique<State>()) {}
WholeInflater::~WholeInflater() = default;
WholeInflater::WholeInflater(WholeInflater&&) noexcept = default;
WholeInflater& WholeInflater::operator=(WholeInflater&&) noexcept = default;

Expected<std::size_t> WholeInflater::inflate(ByteView from, std::span<Byte> into) {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    // An empty object still needs somewhere to (not) write to.
    Byte nothing = 0;
    Byte* target = into.empty() ? &nothing : into.data();
    libdeflate_result result = libdeflate_zlib_decompress_ex(
        state_->decompressor, from.data(), from.size(), target, into.size(), &consumed, &produced);
    if (result != LIBDEFLATE_SUCCESS || produced != into.size()) {
        return fail(ErrorCode::invalid, "broken deflated bytes, or not of the size that they say");
    }
    return consumed;
}

struct StreamInflater::State {
    State() { ASHLAR_ASSERT(inflateInit(&stream) == Z_OK); }
    ~State() { inflateEnd(&stream); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    z_stream stream{};
};

StreamInflater::StreamInflater() : state_(std::make_unique<State>()) {}
StreamInflater::~StreamInflater() = default;
StreamInflater::StreamInflater(StreamInflater&&) noexcept = default;
StreamInflater& StreamInflater::operator=(StreamInflater&&) noexcept = default;

void StreamInflater::reset() {
    ASHLAR_ASSERT(inflateReset(&state_->stream) == Z_OK);
}

Expected<StreamInflater::Step> StreamInflater::step(ByteView from, std::span<Byte> into) {
    constexpr std::size_t kStepMax = std::numeric_limits<uInt>::max();
    z_stream& stream = state_->stream;
    Byte nothing = 0;
    std::size_t input = std::min(from.size(), kStepMax);
    std::size_t room = std::min(into.size(), kStepMax);
    stream.next_in = const_cast<Bytef*>(from.data());
    stream.avail_in = static_cast<uInt>(input);
    stream.next_out = into.empty() ? &nothing : into.data();
    stream.avail_out = static_cast<uInt>(room);
    int result = ::inflate(&stream, Z_NO_FLUSH);
    Step step{input - stream.avail_in, room - stream.avail_out, result == Z_STREAM_END};
    stream.next_in = nullptr;
    stream.next_out = nullptr;
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return fail(ErrorCode::invalid, "broken deflated bytes");
    }
    return step;
}

std::uint32_t crc32_of(std::uint32_t before, ByteView bytes) {
    return libdeflate_crc32(before, bytes.data(), bytes.size());
}

std::size_t deflated_size_bound(std::uint64_t size) {
    // Stored blocks: 5 bytes for each 16 KiB, and zlib's 6 around them.
    return static_cast<std::size_t>(size + size / 1024 + 64);
}

struct WholeDeflater::State {
    explicit State(int level) : compressor(libdeflate_alloc_compressor(level)) {
        ASHLAR_ASSERT(compressor != nullptr);
    }
    ~State() { libdeflate_free_compressor(compressor); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    libdeflate_compressor* compressor;
};

WholeDeflater::WholeDeflater(int level) : state_(std::make_unique<State>(level)) {}
WholeDeflater::~WholeDeflater() = default;
WholeDeflater::WholeDeflater(WholeDeflater&&) noexcept = default;
WholeDeflater& WholeDeflater::operator=(WholeDeflater&&) noexcept = default;

void WholeDeflater::deflate(ByteView from, Bytes& appended_to) {
    std::size_t bound = libdeflate_zlib_compress_bound(state_->compressor, from.size());
    std::size_t start = appended_to.size();
    appended_to.resize(start + bound);
    std::size_t length = libdeflate_zlib_compress(state_->compressor, from.data(), from.size(),
                                                  appended_to.data() + start, bound);
    ASHLAR_ASSERT(length != 0);
    appended_to.resize(start + length);
}

namespace {

struct DeflateStream {
    DeflateStream() { ASHLAR_ASSERT(deflateInit(&stream, Z_BEST_SPEED) == Z_OK); }
    ~DeflateStream() { deflateEnd(&stream); }
    DeflateStream(const DeflateStream&) = delete;
    DeflateStream& operator=(const DeflateStream&) = delete;

    z_stream stream{};
};

}  // namespace

Expected<void> deflate_in_pieces(ByteView from,
                                 const std::function<Expected<void>(ByteView piece)>& give) {
    constexpr std::size_t kPieceSize = std::size_t{256} << 10;
    DeflateStream deflate;
    z_stream& stream = deflate.stream;
    Bytes piece(kPieceSize);
    int result = Z_OK;
    while (result != Z_STREAM_END) {
        ByteView input = from.first(std::min(from.size(), kPieceSize));
        stream.next_in = const_cast<Bytef*>(input.data());
        stream.avail_in = static_cast<uInt>(input.size());
        stream.next_out = piece.data();
        stream.avail_out = static_cast<uInt>(piece.size());
        result = ::deflate(&stream, input.size() == from.size() ? Z_FINISH : Z_NO_FLUSH);
        ASHLAR_ASSERT(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR);
        from = from.subspan(input.size() - stream.avail_in);
        std::size_t produced = piece.size() - stream.avail_out;
        if (produced > 0) ASHLAR_CHECK(give(ByteView(piece).first(produced)));
    }
    return {};
}

}  // namespace ashlar::git
