#include "git/pack/pack_entry.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::git {
namespace {

constexpr std::string_view kMagic = "PACK";
constexpr Byte kMoreFollows = 0x80;

bool is_entry_kind(unsigned value) {
    return (value >= 1 && value <= 4) || value == 6 || value == 7;
}

enum class Parsed { whole, cut_short, overflowing };

// The size: four bits in the first byte, then seven in each, the least first.
Parsed parse_kind_and_size(ByteView bytes, PackEntryHeader& header) {
    header.size = bytes[0] & 15;
    header.length = 1;
    unsigned shift = 4;
    for (Byte byte = bytes[0]; (byte & kMoreFollows) != 0; shift += 7) {
        if (header.length == bytes.size()) return Parsed::cut_short;
        byte = bytes[header.length++];
        std::uint64_t part = byte & 0x7f;
        if (shift > 60 || (shift == 60 && part > 15)) return Parsed::overflowing;
        header.size |= part << shift;
    }
    return Parsed::whole;
}

// The distance: seven bits in each byte, the most first, each byte but the last adding one.
Parsed parse_distance(ByteView bytes, PackEntryHeader& header) {
    std::uint64_t distance = 0;
    for (std::size_t i = header.length;; ++i) {
        if (i == bytes.size()) return Parsed::cut_short;
        distance |= bytes[i] & 0x7f;
        if ((bytes[i] & kMoreFollows) == 0) {
            header.length = i + 1;
            header.base_distance = distance;
            return Parsed::whole;
        }
        ++distance;
        if (distance >= (std::uint64_t{1} << 56)) return Parsed::overflowing;
        distance <<= 7;
    }
}

}  // namespace

Expected<PackHeader> parse_pack_header(ByteView bytes) {
    ASHLAR_ASSERT(bytes.size() >= kPackHeaderSize);
    if (as_text(bytes.first(4)) != kMagic) return fail(ErrorCode::invalid, "not a pack");
    PackHeader header;
    header.version = read_big_endian_32(bytes.subspan(4));
    header.object_count = read_big_endian_32(bytes.subspan(8));
    if (header.version != 2 && header.version != 3) {
        return fail(ErrorCode::invalid, "a pack of version " + std::to_string(header.version));
    }
    return header;
}

Bytes encode_pack_header(std::uint32_t object_count) {
    Bytes bytes = to_bytes(kMagic);
    append_big_endian_32(bytes, 2);
    append_big_endian_32(bytes, object_count);
    return bytes;
}

ObjectType object_type_of(EntryKind kind) {
    ASHLAR_ASSERT(!is_delta(kind));
    return static_cast<ObjectType>(kind);
}

Expected<std::optional<PackEntryHeader>> parse_pack_entry_header(ByteView bytes) {
    if (bytes.empty()) return std::optional<PackEntryHeader>();
    unsigned kind = (bytes[0] >> 4) & 7;
    if (!is_entry_kind(kind)) {
        return fail(ErrorCode::invalid, "a pack entry of the unknown type " + std::to_string(kind));
    }
    PackEntryHeader header;
    header.kind = static_cast<EntryKind>(kind);
    Parsed parsed = parse_kind_and_size(bytes, header);
    if (parsed == Parsed::whole && header.kind == EntryKind::offset_delta) {
        parsed = parse_distance(bytes, header);
    }
    if (parsed == Parsed::whole && header.kind == EntryKind::reference_delta) {
        if (bytes.size() - header.length < ObjectId::kSize) {
            parsed = Parsed::cut_short;
        } else {
            std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(header.length), ObjectId::kSize,
                        header.base_id.bytes.begin());
            header.length += ObjectId::kSize;
        }
    }
    if (parsed == Parsed::overflowing) {
        return fail(ErrorCode::invalid, "a pack entry's header overflows");
    }
    if (parsed == Parsed::cut_short) return std::optional<PackEntryHeader>();
    return std::optional<PackEntryHeader>(header);
}

void append_pack_entry_header(Bytes& to, const PackEntryHeader& header) {
    auto byte = static_cast<Byte>((static_cast<unsigned>(header.kind) << 4) | (header.size & 15));
    for (std::uint64_t rest = header.size >> 4; rest != 0; rest >>= 7) {
        to.push_back(byte | kMoreFollows);
        byte = rest & 0x7f;
    }
    to.push_back(byte);
    if (header.kind == EntryKind::offset_delta) {
        Byte digits[10];
        std::size_t count = 0;
        std::uint64_t distance = header.base_distance;
        digits[count++] = distance & 0x7f;
        while ((distance >>= 7) != 0) {
            --distance;
            digits[count++] = static_cast<Byte>(kMoreFollows | (distance & 0x7f));
        }
        while (count > 0) to.push_back(digits[--count]);
    }
    if (header.kind == EntryKind::reference_delta) append(to, header.base_id.view());
}

}  // namespace ashlar::git
