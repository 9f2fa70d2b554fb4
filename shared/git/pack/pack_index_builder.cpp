#include <algorithm>
#include <limits>

#include "git/pack/little_endian.h"
#include "git/pack/pack_index.h"
#include "git/pack/pack_index_layout.h"

namespace ashlar::git {
namespace {

using Row = PackIndexBuilder::Row;

struct ByOffset {
    std::uint64_t offset;
    std::uint32_t position;
};

std::vector<ByOffset> order_by_offset(const std::vector<Row>& rows) {
    std::vector<ByOffset> order;
    order.reserve(rows.size());
    for (std::uint32_t position = 0; position < rows.size(); ++position) {
        order.push_back({rows[position].entry.offset, position});
    }
    // Two entries of one offset cannot both be entries, yet the order must not depend on the sort.
    std::sort(order.begin(), order.end(), [](const ByOffset& left, const ByOffset& right) {
        return left.offset != right.offset ? left.offset < right.offset
                                           : left.position < right.position;
    });
    return order;
}

Expected<void> find_bases(std::vector<Row>& rows, const std::vector<ByOffset>& order) {
    for (Row& row : rows) {
        if (row.base_offset == 0) continue;
        auto found = std::lower_bound(
            order.begin(), order.end(), row.base_offset,
            [](const ByOffset& entry, std::uint64_t offset) { return entry.offset < offset; });
        if (found == order.end() || found->offset != row.base_offset) {
            return fail(ErrorCode::invalid, "the base of " + row.id.hex() + " is not in the pack");
        }
        row.entry.base = found->position;
    }
    return {};
}

// Each chain is followed down to what is known already, and filled in on the way back.
Expected<void> count_depths(std::vector<Row>& rows) {
    constexpr std::uint16_t kUnknown = std::numeric_limits<std::uint16_t>::max();
    for (Row& row : rows) row.entry.depth = row.entry.base == kNoBase ? 0 : kUnknown;
    std::vector<std::uint32_t> chain;
    for (std::uint32_t start = 0; start < rows.size(); ++start) {
        std::uint32_t position = start;
        while (rows[position].entry.depth == kUnknown) {
            chain.push_back(position);
            if (chain.size() >= kUnknown) {
                return fail(ErrorCode::invalid,
                            "the delta chain of " + rows[start].id.hex() + " has no end");
            }
            position = rows[position].entry.base;
        }
        for (; !chain.empty(); chain.pop_back()) {
            std::uint32_t above = chain.back();
            rows[above].entry.depth =
                static_cast<std::uint16_t>(rows[rows[above].entry.base].entry.depth + 1);
        }
    }
    return {};
}

void append_head(Bytes& blob, const std::vector<Row>& rows, std::uint64_t pack_size,
                 const crypto::Sha1Digest& checksum) {
    append(blob, layout::kMagic);
    append_little_endian(blob, static_cast<std::uint32_t>(rows.size()));
    append_little_endian(blob, std::uint32_t{0});
    append_little_endian(blob, pack_size);
    append(blob, ByteView(checksum));
    blob.resize(layout::kHeaderSize);
    std::array<std::uint32_t, 256> counts{};
    for (const Row& row : rows) ++counts[row.id.bytes[0]];
    std::uint32_t sum = 0;
    for (std::uint32_t count : counts) append_little_endian(blob, sum += count);
}

void append_row(Bytes& blob, const PackIndexEntry& entry) {
    append_little_endian(blob, entry.offset);
    append_little_endian(blob, entry.length);
    append_little_endian(blob, entry.size);
    append_little_endian(blob, entry.crc32);
    append_little_endian(blob, entry.base);
    blob.push_back(static_cast<Byte>(entry.kind));
    blob.push_back(static_cast<Byte>(entry.type));
    append_little_endian(blob, entry.depth);
    append_little_endian(blob, std::uint32_t{0});
}

}  // namespace

Expected<Bytes> PackIndexBuilder::build(std::uint64_t pack_size,
                                        const crypto::Sha1Digest& pack_checksum) && {
    if (rows_.size() > kIndexObjectCountMax) {
        return fail(ErrorCode::limit_exceeded, "more objects than an index can hold");
    }
    std::sort(rows_.begin(), rows_.end(), [](const Row& left, const Row& right) {
        int order = std::memcmp(left.id.bytes.data(), right.id.bytes.data(), ObjectId::kSize);
        return order != 0 ? order < 0 : left.entry.offset < right.entry.offset;
    });
    for (std::size_t i = 1; i < rows_.size(); ++i) {
        if (rows_[i - 1].id == rows_[i].id) {
            return fail(ErrorCode::invalid,
                        "the pack holds object " + rows_[i].id.hex() + " twice");
        }
    }
    std::vector<ByOffset> order = order_by_offset(rows_);
    ASHLAR_CHECK(find_bases(rows_, order));
    ASHLAR_CHECK(count_depths(rows_));
    Bytes blob;
    blob.reserve(
        static_cast<std::size_t>(layout::index_size(static_cast<std::uint32_t>(rows_.size()))));
    append_head(blob, rows_, pack_size, pack_checksum);
    for (const Row& row : rows_) append(blob, row.id.view());
    for (const Row& row : rows_) append_row(blob, row.entry);
    for (const ByOffset& entry : order) append_little_endian(blob, entry.position);
    return blob;
}

}  // namespace ashlar::git
