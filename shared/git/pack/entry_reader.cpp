#include "git/pack/entry_reader.h"

#include "base/memory_size.h"

#include <algorithm>

namespace ashlar::git {
namespace {

constexpr std::size_t kPieceSize = std::size_t{256} << 10;
// What is kept allocated between reads.
constexpr std::size_t kScratchMax = std::size_t{4} << 20;

Unexpected broken(std::uint64_t offset) {
    return fail(ErrorCode::corrupt, "the pack entry at " + std::to_string(offset) + " is broken");
}

}  // namespace

Expected<PackEntryHeader> EntryReader::read(const RandomAccess& pack, std::uint64_t offset,
                                            std::uint64_t length, std::uint64_t size_max,
                                            Bytes& content) {
    if (offset > pack.size() || length > pack.size() - offset) return broken(offset);
    ByteView stored;
    // A stream that is longer than what it holds is read in pieces: its length may be anything.
    auto first = static_cast<std::size_t>(std::min<std::uint64_t>(length, kPackEntryHeaderSizeMax));
    Bytes head;
    if (ByteView mapped = pack.mapped(); !mapped.empty()) {
        // What is mapped is in memory: its offsets and lengths are sizes.
        stored = mapped.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
    } else if (length <= kPieceSize) {
        stored_.resize(static_cast<std::size_t>(length));
        ASHLAR_CHECK(pack.read(offset, stored_));
        stored = stored_;
    } else {
        head.resize(first);
        ASHLAR_CHECK(pack.read(offset, head));
        stored = head;
    }
    auto header = parse_pack_entry_header(stored.first(first));
    if (!header || !*header) return broken(offset);
    const PackEntryHeader& entry = **header;
    if (entry.size > size_max) {
        return fail(ErrorCode::limit_exceeded, "an object or delta of " +
                                                   std::to_string(entry.size) +
                                                   " bytes, more than " + std::to_string(size_max));
    }
    ASHLAR_TRY(std::size_t content_size, memory_size(entry.size));
    content.resize(content_size);
    if (stored.size() < length) {
        ASHLAR_CHECK(
            inflate_in_pieces(pack, offset + entry.length, length - entry.length, content));
        return entry;
    }
    // Nothing may stand behind the stream: whoever copies the entry would copy that too.
    const auto used = inflater_.inflate(stored.subspan(entry.length), content);
    if (!used || *used != stored.size() - entry.length) return broken(offset);
    if (stored_.capacity() > kScratchMax) stored_ = Bytes();
    return entry;
}

Expected<void> EntryReader::inflate_in_pieces(const RandomAccess& pack, std::uint64_t offset,
                                              std::uint64_t length, Bytes& content) {
    StreamInflater inflater;
    std::span<Byte> room = content;
    while (length > 0) {
        stored_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(length, kPieceSize)));
        ASHLAR_CHECK(pack.read(offset, stored_));
        ByteView piece = stored_;
        while (!piece.empty()) {
            auto step = inflater.step(piece, room);
            if (!step) return broken(offset);
            piece = piece.subspan(step->consumed);
            room = room.subspan(step->produced);
            if (step->finished) {
                const bool is_all = room.empty() && piece.empty() && length == stored_.size();
                return is_all ? Expected<void>() : broken(offset);
            }
            if (step->consumed == 0 && step->produced == 0) return broken(offset);
        }
        offset += stored_.size();
        length -= stored_.size();
    }
    return broken(offset);
}

}  // namespace ashlar::git
