#include <algorithm>

#include "git/pack/pack_writer.h"

namespace ashlar::git {
namespace {

// While the trailer is not known, bodies go out in pieces of this size, hashed on the way.
constexpr std::uint64_t kPieceSize = std::uint64_t{1} << 20;

}  // namespace

PackConcatenation::PackConcatenation(std::vector<std::shared_ptr<const StoredPack>> packs,
                                     std::optional<crypto::Sha1Digest> trailer)
    : packs_(std::move(packs)),
      trailer_(std::move(trailer)),
      hash_(crypto::CollisionDetection::off),
      offset_(kPackHeaderSize) {}

PackConcatenation::~PackConcatenation() = default;

std::uint64_t PackConcatenation::size() const {
    std::uint64_t size = kPackHeaderSize + kPackTrailerSize;
    for (const auto& pack : packs_) {
        size += pack->manifest.size - kPackHeaderSize - kPackTrailerSize;
    }
    return size;
}

Expected<std::optional<Chunk>> PackConcatenation::next() {
    if (stage_ == Stage::header) {
        std::uint64_t count = 0;
        for (const auto& pack : packs_) count += pack->manifest.object_count;
        if (count > kIndexObjectCountMax) {
            return fail(ErrorCode::limit_exceeded, "more objects than a pack can hold");
        }
        Bytes header = encode_pack_header(static_cast<std::uint32_t>(count));
        if (!trailer_) hash_.update(header);
        stage_ = Stage::bodies;
        return std::optional<Chunk>(std::move(header));
    }
    while (stage_ == Stage::bodies) {
        if (pack_ == packs_.size()) {
            stage_ = Stage::trailer;
            break;
        }
        const StoredPack& pack = *packs_[pack_];
        std::uint64_t left = pack.manifest.size - kPackTrailerSize - offset_;
        if (left == 0) {
            ++pack_;
            offset_ = kPackHeaderSize;
            continue;
        }
        std::uint64_t length = trailer_ ? left : std::min(left, kPieceSize);
        if (!trailer_) ASHLAR_CHECK(hash_range(*pack.body, offset_, length));
        StoredRange range{pack.body, offset_, length};
        offset_ += length;
        return std::optional<Chunk>(std::move(range));
    }
    if (stage_ == Stage::ended) return std::optional<Chunk>();
    if (!trailer_) {
        ASHLAR_TRY(trailer_, hash_.finish());
    }
    stage_ = Stage::ended;
    return std::optional<Chunk>(to_bytes(ByteView(*trailer_)));
}

// Reads all of the range before any of it is hashed: a read that needs data is run again.
Expected<void> PackConcatenation::hash_range(const RandomAccess& source, std::uint64_t offset,
                                             std::uint64_t length) {
    if (ByteView mapped = source.mapped(); !mapped.empty()) {
        hash_.update(
            mapped.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)));
        return {};
    }
    Bytes piece(static_cast<std::size_t>(length));
    ASHLAR_CHECK(source.read(offset, piece));
    hash_.update(piece);
    return {};
}

}  // namespace ashlar::git
