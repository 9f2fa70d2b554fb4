// The framing of a pack: its header, and the header of each entry (gitformat-pack).
#pragma once

#include <optional>

#include "git/object/object.h"

namespace ashlar::git {

inline constexpr std::size_t kPackHeaderSize = 12;
inline constexpr std::size_t kPackTrailerSize = 20;  // the SHA-1 of all before it
// Type and size take at most 10 bytes, then come a distance of at most 10, or an id of 20.
inline constexpr std::size_t kPackEntryHeaderSizeMax = 30;

struct PackHeader {
    std::uint32_t version = 2;
    std::uint32_t object_count = 0;
};

// Fails with `invalid` where the bytes (at least 12) begin no pack of version 2 or 3.
Expected<PackHeader> parse_pack_header(ByteView bytes);
Bytes encode_pack_header(std::uint32_t object_count);

// The values are those in the entry's first byte.
enum class EntryKind : std::uint8_t {
    commit = 1,
    tree = 2,
    blob = 3,
    tag = 4,
    offset_delta = 6,
    reference_delta = 7,
};

inline bool is_delta(EntryKind kind) {
    return kind == EntryKind::offset_delta || kind == EntryKind::reference_delta;
}
inline EntryKind entry_kind_of(ObjectType type) {
    return static_cast<EntryKind>(type);
}
// Only for kinds that are no delta.
ObjectType object_type_of(EntryKind kind);

struct PackEntryHeader {
    EntryKind kind = EntryKind::blob;
    std::uint64_t size = 0;           // of what inflates: the object, or the delta
    std::uint64_t base_distance = 0;  // of an offset_delta: how far back its base starts
    ObjectId base_id;                 // of a reference_delta
    std::size_t length = 0;           // of this header, in bytes
};

// Nothing where the header goes on beyond the bytes; `invalid` where it is none.
Expected<std::optional<PackEntryHeader>> parse_pack_entry_header(ByteView bytes);

// Appends kind and size, and the distance or id where the kind has one.
void append_pack_entry_header(Bytes& to, const PackEntryHeader& header);

}  // namespace ashlar::git
