#include "git/pack/pack_index.h"

#include <algorithm>

#include "base/assert.h"
#include "git/pack/little_endian.h"
#include "git/pack/pack_index_layout.h"

namespace ashlar::git {
namespace {

using layout::kFanoutSize;
using layout::kHeaderSize;
using layout::kRowSize;

// Where a search has narrowed down to so many ids, they are read in one piece.
constexpr std::uint32_t kSearchBlock = 64;

PackIndexEntry parse_row(ByteView row) {
    PackIndexEntry entry;
    entry.offset = read_little_endian<std::uint64_t>(row);
    entry.length = read_little_endian<std::uint64_t>(row.subspan(8));
    entry.size = read_little_endian<std::uint64_t>(row.subspan(16));
    entry.crc32 = read_little_endian<std::uint32_t>(row.subspan(24));
    entry.base = read_little_endian<std::uint32_t>(row.subspan(28));
    entry.kind = static_cast<EntryKind>(row[32]);
    entry.type = static_cast<ObjectType>(row[33]);
    entry.depth = read_little_endian<std::uint16_t>(row.subspan(34));
    return entry;
}

Unexpected corrupt(std::string detail) {
    return fail(ErrorCode::corrupt, "pack index: " + std::move(detail));
}

}  // namespace

Expected<PackIndex> PackIndex::open(std::shared_ptr<const RandomAccess> source) {
    PackIndex index;
    index.mapped_ = source->mapped();
    index.source_ = std::move(source);
    if (index.source_->size() < kHeaderSize + kFanoutSize) return corrupt("too short");
    Bytes head(kHeaderSize + kFanoutSize);
    ASHLAR_CHECK(index.read(0, head));
    ByteView view = head;
    if (as_text(view.first(layout::kMagic.size())) != layout::kMagic) {
        return corrupt("not of this version");
    }
    index.object_count_ = read_little_endian<std::uint32_t>(view.subspan(8));
    index.pack_size_ = read_little_endian<std::uint64_t>(view.subspan(16));
    std::copy_n(view.begin() + 24, index.pack_checksum_.size(), index.pack_checksum_.begin());
    std::uint32_t before = 0;
    for (std::size_t i = 0; i < index.fanout_.size(); ++i) {
        index.fanout_[i] = read_little_endian<std::uint32_t>(view.subspan(kHeaderSize + i * 4));
        if (index.fanout_[i] < before) return corrupt("its fanout does not ascend");
        before = index.fanout_[i];
    }
    if (before != index.object_count_ || index.object_count_ > kIndexObjectCountMax) {
        return corrupt("its fanout does not end with its object count");
    }
    if (index.source_->size() != layout::index_size(index.object_count_)) {
        return corrupt("its size does not fit its object count");
    }
    return index;
}

Expected<void> PackIndex::read(std::uint64_t offset, std::span<Byte> into) const {
    if (mapped_.empty()) return source_->read(offset, into);
    ASHLAR_ASSERT(offset <= mapped_.size() && into.size() <= mapped_.size() - offset);
    std::copy_n(mapped_.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
    return {};
}

Expected<std::uint32_t> PackIndex::lower_bound(const ObjectId& id) const {
    Byte first = id.bytes[0];
    std::uint32_t low = first == 0 ? 0 : fanout_[first - std::size_t{1}];
    std::uint32_t high = fanout_[first];
    while (high - low > (mapped_.empty() ? kSearchBlock : 0)) {
        std::uint32_t middle = low + (high - low) / 2;
        ASHLAR_TRY(ObjectId found, id_at(middle));
        if (found < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == high) return low;
    std::array<Byte, kSearchBlock * ObjectId::kSize> block;
    std::span<Byte> ids(block.data(), std::size_t{high - low} * ObjectId::kSize);
    ASHLAR_CHECK(read(layout::ids_offset() + std::uint64_t{low} * ObjectId::kSize, ids));
    while (low < high && std::memcmp(ids.data(), id.bytes.data(), ObjectId::kSize) < 0) {
        ids = ids.subspan(ObjectId::kSize);
        ++low;
    }
    return low;
}

Expected<std::optional<std::uint32_t>> PackIndex::find(const ObjectId& id) const {
    ASHLAR_TRY(std::uint32_t position, lower_bound(id));
    if (position >= object_count_) return std::optional<std::uint32_t>();
    ASHLAR_TRY(ObjectId found, id_at(position));
    if (found != id) return std::optional<std::uint32_t>();
    return std::optional<std::uint32_t>(position);
}

Expected<ObjectId> PackIndex::id_at(std::uint32_t position) const {
    ASHLAR_ASSERT(position < object_count_);
    ObjectId id;
    ASHLAR_CHECK(read(layout::ids_offset() + std::uint64_t{position} * ObjectId::kSize, id.bytes));
    return id;
}

Expected<PackIndexEntry> PackIndex::entry_at(std::uint32_t position) const {
    ASHLAR_ASSERT(position < object_count_);
    std::array<Byte, kRowSize> row;
    ASHLAR_CHECK(
        read(layout::rows_offset(object_count_) + std::uint64_t{position} * kRowSize, row));
    return parse_row(row);
}

Expected<std::uint32_t> PackIndex::position_by_offset(std::uint32_t rank) const {
    ASHLAR_ASSERT(rank < object_count_);
    std::array<Byte, 4> bytes;
    ASHLAR_CHECK(read(layout::order_offset(object_count_) + std::uint64_t{rank} * 4, bytes));
    auto position = read_little_endian<std::uint32_t>(bytes);
    if (position >= object_count_) return corrupt("its order names no object");
    return position;
}

namespace {

Expected<void> check_row(const PackIndex& index, const PackIndexEntry& entry) {
    auto kind = static_cast<unsigned>(entry.kind);
    auto type = static_cast<unsigned>(entry.type);
    if (kind < 1 || kind > 7 || kind == 5 || type < 1 || type > 4) {
        return corrupt("an entry of an unknown kind");
    }
    if (!is_delta(entry.kind)) {
        bool whole = object_type_of(entry.kind) == entry.type && entry.base == kNoBase;
        return whole && entry.depth == 0 ? Expected<void>() : corrupt("a whole entry with a base");
    }
    if (entry.base >= index.object_count()) return corrupt("a delta without a base");
    ASHLAR_TRY(PackIndexEntry base, index.entry_at(entry.base));
    // Each delta is one deeper than its base, so no chain comes back to where it began.
    if (base.type != entry.type || entry.depth == 0 || base.depth != entry.depth - 1) {
        return corrupt("a delta that does not fit its base");
    }
    if (entry.kind == EntryKind::offset_delta && base.offset >= entry.offset) {
        return corrupt("a delta before its base");
    }
    return {};
}

}  // namespace

Expected<void> PackIndex::validate() const {
    for (std::uint32_t position = 1; position < object_count_; ++position) {
        ASHLAR_TRY(ObjectId before, id_at(position - 1));
        ASHLAR_TRY(ObjectId id, id_at(position));
        if (!(before < id)) return corrupt("its ids do not ascend");
    }
    for (std::uint32_t position = 0; position < object_count_; ++position) {
        ASHLAR_TRY(ObjectId id, id_at(position));
        std::size_t first = id.bytes[0];
        if (position >= fanout_[first] || (first > 0 && position < fanout_[first - 1])) {
            return corrupt("its fanout does not fit its ids");
        }
    }
    std::uint64_t expected_offset = kPackHeaderSize;
    for (std::uint32_t rank = 0; rank < object_count_; ++rank) {
        ASHLAR_TRY(std::uint32_t position, position_by_offset(rank));
        ASHLAR_TRY(PackIndexEntry entry, entry_at(position));
        if (entry.offset != expected_offset || entry.length == 0 ||
            entry.length > pack_size_ - expected_offset) {
            return corrupt("its entries do not follow each other");
        }
        expected_offset += entry.length;
        ASHLAR_CHECK(check_row(*this, entry));
    }
    if (pack_size_ < expected_offset || pack_size_ - expected_offset != kPackTrailerSize) {
        return corrupt("its entries do not end at the pack's trailer");
    }
    return {};
}

}  // namespace ashlar::git
