#include "git/wire/side_band.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "git/wire/fetch_request.h"
#include "git/wire/pkt_line.h"

namespace ashlar::git {
namespace {

constexpr std::size_t kShownMax = 1000;  // of an error's text

void append_frame_header(Bytes& to, SideBandChannel channel, std::size_t size) {
    append_packet_header(to, size + 1);
    to.push_back(static_cast<Byte>(channel));
}

class FramedStream : public ChunkStream {
  public:
    FramedStream(SideBand side_band, SideBandParts parts)
        : side_band_(side_band), parts_(std::move(parts)) {
        append_shown(parts_.head, parts_.body.before);
    }

    Expected<std::optional<Chunk>> next() override {
        if (!parts_.head.empty()) return chunk_of(std::exchange(parts_.head, {}));
        if (failure_) return Unexpected(*failure_);
        if (pending_range_.length > 0) return next_of_range();
        if (parts_.make_body) return next_of_making();
        if (parts_.body.stream) return next_of_body();
        if (!parts_.tail.empty()) return chunk_of(std::exchange(parts_.tail, {}));
        return std::optional<Chunk>();
    }

  private:
    static Expected<std::optional<Chunk>> chunk_of(Bytes bytes) {
        return std::optional<Chunk>(std::move(bytes));
    }

    void append_shown(Bytes& to, const std::string& text) const {
        if (side_band_ == SideBand::none || text.empty()) return;
        append_side_band(to, side_band_, SideBandChannel::progress, as_bytes(text));
    }

    Expected<std::optional<Chunk>> next_of_making() {
        Expected<SideBandBody> made = parts_.make_body();
        if (!made && made.error().code == ErrorCode::needs_data) {
            return Unexpected(std::move(made).error());
        }
        parts_.make_body = nullptr;
        if (!made) return next_of_failure(made.error(), is_for_host(made.error()));
        parts_.body = *std::move(made);
        Bytes shown;
        append_shown(shown, parts_.body.before);
        return shown.empty() ? next() : chunk_of(std::move(shown));
    }

    Expected<std::optional<Chunk>> next_of_body() {
        Expected<std::optional<Chunk>> chunk = parts_.body.stream->next();
        // Whatever it is, the request was good: what is stored is not.
        if (!chunk) return next_of_failure(std::move(chunk).error(), true);
        if (!chunk->has_value()) {
            Bytes tail;
            if (parts_.body.after) append_shown(tail, parts_.body.after());
            append(tail, parts_.tail);
            parts_.tail = std::move(tail);
            parts_.body.stream.reset();
            return next();
        }
        if (side_band_ == SideBand::none) return chunk;
        if (auto* range = std::get_if<StoredRange>(&**chunk)) {
            pending_range_ = std::move(*range);
            return next_of_range();
        }
        Bytes framed;
        append_side_band(framed, side_band_, SideBandChannel::data, std::get<Bytes>(**chunk));
        return chunk_of(std::move(framed));
    }

    // A frame's header as bytes, and then its content as a range of what is stored.
    Expected<std::optional<Chunk>> next_of_range() {
        const std::uint64_t size =
            std::min<std::uint64_t>(pending_range_.length, static_cast<std::uint32_t>(side_band_));
        if (!header_sent_) {
            header_sent_ = true;
            Bytes header;
            append_frame_header(header, SideBandChannel::data, static_cast<std::size_t>(size));
            return chunk_of(std::move(header));
        }
        header_sent_ = false;
        StoredRange frame{pending_range_.source, pending_range_.offset, size};
        pending_range_.offset += size;
        pending_range_.length -= size;
        if (pending_range_.length == 0) pending_range_.source.reset();
        return std::optional<Chunk>(std::move(frame));
    }

    Expected<std::optional<Chunk>> next_of_failure(Error error, bool for_host) {
        if (error.code == ErrorCode::needs_data || side_band_ == SideBand::none) {
            return Unexpected(std::move(error));
        }
        parts_.body.stream.reset();
        std::string text;
        if (for_host) {
            text = "the server cannot read this repository: " + std::string(to_string(error.code));
            failure_ = std::move(error);
        } else {
            text = printable_line(error.detail, kShownMax);
        }
        Bytes message;
        append_side_band(message, side_band_, SideBandChannel::fatal, as_bytes(text + "\n"));
        return chunk_of(std::move(message));
    }

    SideBand side_band_;
    SideBandParts parts_;
    StoredRange pending_range_;
    bool header_sent_ = false;
    std::optional<Error> failure_;
};

class WholeStream : public ChunkStream {
  public:
    explicit WholeStream(Bytes bytes) : bytes_(std::move(bytes)) {}
    Expected<std::optional<Chunk>> next() override {
        if (bytes_.empty()) return std::optional<Chunk>();
        return std::optional<Chunk>(std::exchange(bytes_, {}));
    }

  private:
    Bytes bytes_;
};

}  // namespace

void append_side_band(Bytes& to, SideBand side_band, SideBandChannel channel, ByteView content) {
    ASHLAR_ASSERT(side_band != SideBand::none);
    while (!content.empty()) {
        const std::size_t size =
            std::min<std::size_t>(content.size(), static_cast<std::uint32_t>(side_band));
        append_frame_header(to, channel, size);
        append(to, content.first(size));
        content = content.subspan(size);
    }
}

std::unique_ptr<ChunkStream> frame_in_side_band(SideBand side_band, SideBandParts parts) {
    return std::make_unique<FramedStream>(side_band, std::move(parts));
}

std::unique_ptr<ChunkStream> stream_of(Bytes bytes) {
    return std::make_unique<WholeStream>(std::move(bytes));
}

}  // namespace ashlar::git
