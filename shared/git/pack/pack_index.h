// The index of a pack: which object lies where. Ours, immutable, little-endian, of fixed width
// (docs/formats.md, "Pack index"), so that a lookup reads a few hundred bytes wherever it lies:
//
//   header    64 bytes: "ashpidx1", object count (u32), zero (u32), pack size (u64), the pack's
//             trailer (20 bytes), zeros
//   fanout    256 x u32: how many ids have a first byte of at most i
//   ids       count x 20 bytes, strictly ascending
//   rows      count x 40 bytes, in the order of the ids (PackIndexEntry)
//   order     count x u32: positions of the ids by ascending offset
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "base/random_access.h"
#include "crypto/sha1.h"
#include "git/pack/pack_entry.h"

namespace ashlar::git {

inline constexpr std::uint32_t kNoBase = 0xffffffff;
inline constexpr std::uint32_t kIndexObjectCountMax = 0x7fffffff;

struct PackIndexEntry {
    std::uint64_t offset = 0;      // of the entry in the pack
    std::uint64_t length = 0;      // of the entry as stored, header and deflated bytes
    std::uint64_t size = 0;        // of the object's content
    std::uint32_t crc32 = 0;       // of the entry as stored
    std::uint32_t base = kNoBase;  // position of a delta's base in this index
    EntryKind kind = EntryKind::blob;
    ObjectType type = ObjectType::blob;  // of the object, also where the entry is a delta
    std::uint16_t depth = 0;             // deltas from here down to a whole object

    friend bool operator==(const PackIndexEntry&, const PackIndexEntry&) = default;
};

// An index, open for lookups. Reads go to the source as they are needed; one that is mapped is
// read in place. Methods may be called from any thread. Reads fail as the source does.
class PackIndex {
  public:
    // Fails with `corrupt` where header, fanout and size do not fit together.
    static Expected<PackIndex> open(std::shared_ptr<const RandomAccess> source);

    std::uint32_t object_count() const { return object_count_; }
    std::uint64_t pack_size() const { return pack_size_; }
    const crypto::Sha1Digest& pack_checksum() const { return pack_checksum_; }

    // The position of an id, nothing where the pack does not have it.
    Expected<std::optional<std::uint32_t>> find(const ObjectId& id) const;
    // The position of the first id that is not below the given one (may be object_count()).
    Expected<std::uint32_t> lower_bound(const ObjectId& id) const;
    // position < object_count(), also below.
    Expected<ObjectId> id_at(std::uint32_t position) const;
    Expected<PackIndexEntry> entry_at(std::uint32_t position) const;
    // The position of the object that is `rank`th by offset.
    Expected<std::uint32_t> position_by_offset(std::uint32_t rank) const;

    // Checks everything that can be checked without the pack: ids ascend, entries follow each
    // other from the pack's header to its trailer without a gap, bases exist, have the same type
    // and one delta less below them (so no chain is a cycle). An index from outside is used only
    // after that; whether it tells the truth about the pack, only indexing it again can tell.
    Expected<void> validate() const;

  private:
    PackIndex() = default;
    Expected<void> read(std::uint64_t offset, std::span<Byte> into) const;

    std::shared_ptr<const RandomAccess> source_;
    ByteView mapped_;
    std::array<std::uint32_t, 256> fanout_{};
    std::uint32_t object_count_ = 0;
    std::uint64_t pack_size_ = 0;
    crypto::Sha1Digest pack_checksum_{};
};

// Makes the index of a pack from its entries, in any order.
class PackIndexBuilder {
  public:
    struct Row {
        ObjectId id;
        PackIndexEntry entry;  // `base` is left open where base_offset says it
        // Where a delta's base starts; 0 where the entry is whole.
        std::uint64_t base_offset = 0;
    };

    void reserve(std::size_t count) { rows_.reserve(count); }
    void add(const Row& row) { rows_.push_back(row); }

    // Fails with `invalid` where an object appears twice or a base does not; the detail names the
    // id. Depths are computed here.
    Expected<Bytes> build(std::uint64_t pack_size, const crypto::Sha1Digest& pack_checksum) &&;

  private:
    std::vector<Row> rows_;
};

}  // namespace ashlar::git
