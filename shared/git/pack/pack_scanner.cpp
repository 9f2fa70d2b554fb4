#include "git/pack/pack_scanner.h"

#include <algorithm>

namespace ashlar::git {
namespace {

// Contents up to this size are tried whole.
constexpr std::uint64_t kWholeSizeMax = std::uint64_t{8} << 20;
constexpr std::size_t kPieceSize = std::size_t{256} << 10;
// What is kept allocated from entry to entry.
constexpr std::size_t kScratchMax = kWholeSizeMax;
// No deflate stream gives more than this for each of its bytes, so with fewer there is no use in
// trying.
constexpr std::uint64_t kInflationMax = 1032;

}  // namespace

PackScanner::PackScanner(PackScanSink& sink)
    : sink_(sink), hash_(crypto::CollisionDetection::off) {}

Expected<void> PackScanner::write(ByteView bytes, ByteView& stored) {
    ByteView all = bytes;
    if (!left_over_.empty()) {
        joined_.assign(left_over_.begin(), left_over_.end());
        append(joined_, bytes);
        all = joined_;
    }
    ByteView rest = all;
    std::uint64_t start = position_;
    Expected<void> result;
    while (true) {
        auto advanced = step(rest);
        if (!advanced) result = Unexpected(std::move(advanced).error());
        if (!advanced || !*advanced) break;
    }
    stored = all.first(static_cast<std::size_t>(position_ - start));
    hash_.update(stored);
    if (!result) return result;
    left_over_.assign(rest.begin(), rest.end());
    if (stage_ != Stage::trailer) return {};
    ASHLAR_TRY(bool ended, take_trailer(rest));
    if (!ended) return {};
    left_over_.clear();
    stage_ = Stage::ended;
    if (!rest.empty()) return fail(ErrorCode::invalid, "bytes behind the end of the pack");
    return {};
}

Expected<bool> PackScanner::step(ByteView& rest) {
    switch (stage_) {
        case Stage::header:
            return take_header(rest);
        case Stage::entry_header:
            return take_entry_header(rest);
        case Stage::content:
            return take_content(rest);
        case Stage::trailer:
            return false;
        case Stage::ended:
            if (rest.empty()) return false;
            return fail(ErrorCode::invalid, "bytes behind the end of the pack");
    }
    return false;
}

void PackScanner::consume(ByteView& rest, std::size_t length) {
    rest = rest.subspan(length);
    position_ += length;
}

Expected<bool> PackScanner::take_header(ByteView& rest) {
    if (rest.size() < kPackHeaderSize) return false;
    ASHLAR_TRY(header_, parse_pack_header(rest));
    ASHLAR_CHECK(sink_.begin_pack(header_));
    consume(rest, kPackHeaderSize);
    stage_ = header_.object_count == 0 ? Stage::trailer : Stage::entry_header;
    return true;
}

Expected<bool> PackScanner::take_entry_header(ByteView& rest) {
    auto parsed =
        parse_pack_entry_header(rest.first(std::min(rest.size(), kPackEntryHeaderSizeMax)));
    if (!parsed) return broken_entry(parsed.error());
    if (!*parsed) return false;
    entry_ = ScannedEntry{**parsed, position_, 0, 0};
    ASHLAR_TRY(handling_, sink_.begin_entry(entry_));
    std::size_t length = entry_.header.length;
    entry_.crc32 = crc32_of(0, rest.first(length));
    consume(rest, length);
    streaming_ = false;
    inflated_ = 0;
    stage_ = Stage::content;
    return true;
}

Expected<bool> PackScanner::take_content(ByteView& rest) {
    if (!streaming_) {
        if (rest.empty()) return false;
        bool whole = handling_ == PackScanSink::Handling::whole &&
                     entry_.header.size <= kWholeSizeMax &&
                     rest.size() >= entry_.header.size / kInflationMax;
        if (whole) {
            ASHLAR_TRY(bool done, take_whole_content(rest));
            if (done) return true;
        }
        // Cut short, large or broken: zlib tells which.
        streamed_.reset();
        streaming_ = true;
        content_.clear();
    }
    return take_content_piece(rest);
}

Expected<bool> PackScanner::take_whole_content(ByteView& rest) {
    std::size_t size = static_cast<std::size_t>(entry_.header.size);
    if (content_.size() < size) content_.resize(size);
    auto consumed = whole_.inflate(rest, std::span<Byte>(content_).first(size));
    if (!consumed) return false;
    entry_.crc32 = crc32_of(entry_.crc32, rest.first(*consumed));
    consume(rest, *consumed);
    ASHLAR_CHECK(end_entry(ByteView(content_).first(size)));
    return true;
}

Expected<bool> PackScanner::take_content_piece(ByteView& rest) {
    bool hold = handling_ == PackScanSink::Handling::whole;
    // Held content grows as it comes: a claimed size allocates nothing.
    std::size_t start = hold ? static_cast<std::size_t>(inflated_) : 0;
    std::uint64_t missing = entry_.header.size - inflated_;
    auto room = static_cast<std::size_t>(std::min<std::uint64_t>(missing, kPieceSize));
    // Once an eighth has come, the rest is believed: growing further by doubling would hold more.
    if (hold && inflated_ >= entry_.header.size / 8) {
        content_.reserve(static_cast<std::size_t>(entry_.header.size) + 1);
    }
    // One byte more, so that a stream that goes on too long shows itself.
    content_.resize(start + room + 1);
    auto stepped = streamed_.step(rest, std::span<Byte>(content_).subspan(start));
    if (!stepped) return broken_entry(stepped.error());
    if (stepped->produced > missing) {
        return broken_entry({ErrorCode::invalid, "more bytes than its header says"});
    }
    entry_.crc32 = crc32_of(entry_.crc32, rest.first(stepped->consumed));
    consume(rest, stepped->consumed);
    inflated_ += stepped->produced;
    if (!hold) ASHLAR_CHECK(sink_.piece(ByteView(content_).first(stepped->produced)));
    if (stepped->finished) {
        if (inflated_ != entry_.header.size) {
            return broken_entry({ErrorCode::invalid, "fewer bytes than its header says"});
        }
        std::size_t held = hold ? static_cast<std::size_t>(inflated_) : 0;
        ASHLAR_CHECK(end_entry(ByteView(content_).first(held)));
        return true;
    }
    return stepped->consumed != 0 || stepped->produced != 0;
}

Expected<void> PackScanner::end_entry(ByteView content) {
    entry_.length = position_ - entry_.offset;
    ASHLAR_CHECK(sink_.end_entry(entry_, content));
    if (content_.capacity() > kScratchMax) content_ = Bytes();
    ++scanned_count_;
    stage_ = scanned_count_ == header_.object_count ? Stage::trailer : Stage::entry_header;
    return {};
}

Expected<bool> PackScanner::take_trailer(ByteView& rest) {
    if (rest.size() < kPackTrailerSize) return false;
    ASHLAR_TRY(checksum_, hash_.finish());
    if (!std::equal(checksum_.begin(), checksum_.end(), rest.begin())) {
        return fail(ErrorCode::invalid, "the pack's checksum does not match its content");
    }
    rest = rest.subspan(kPackTrailerSize);
    return true;
}

Unexpected PackScanner::broken_entry(const Error& error) const {
    std::uint64_t offset = stage_ == Stage::content ? entry_.offset : position_;
    return fail(error.code, "the pack entry at " + std::to_string(offset) + ": " + error.detail);
}

}  // namespace ashlar::git
