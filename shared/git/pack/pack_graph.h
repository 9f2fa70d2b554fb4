// What reaches what in one pack that is closed: all that its objects name lies in it, too. Made in
// the background (walk/pack_graph_builder.h), kept beside the pack, and made anew where it is
// missing or damaged: nothing but speed depends on it. Objects are known by their rank: 0 is the
// entry with the lowest offset. Commits are numbered in the order of their ranks.
//
// Little-endian, of fixed width but for the bitmaps (docs/formats.md, "Pack graph"):
//
//   header    64 bytes: "ashpgrf1", counts of objects, commits, bitmaps and further parents (u32
//             each), the pack's trailer (20 bytes), zeros
//   ranks     objects x u32, in the order of the ids in the pack's index
//   commits   commits x 40 bytes: rank, rank of the tree, generation, first parent, second parent,
//             bitmap (u32 each), committed seconds (i64), two times zero (u32)
//   parents   further x u32: of commits with more than two parents, all but the first; the last of
//             each commit has kLastParent added
//   blocks    one for each 16 ranks x u64: offset of the first entry
//   entries   objects x 8 bytes, by rank: offset from the block's (u32), rank of a delta's base
//             (u32; kNoBase where the entry is whole, kReferenceDelta added where it names it by
//             id)
//   table     (4 + bitmaps) x (offset u64, length u64), from the start of this file
//   bitmaps   compressed bits: commits, trees, blobs, tags; then what single commits reach, each
//             with the commit itself
//   digest    32 bytes, of all that stands before
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random_access.h"
#include "crypto/sha1.h"
#include "git/object/object.h"
#include "git/pack/bits.h"
#include "git/pack/pack_index.h"

namespace ashlar::git {

inline constexpr std::string_view kPackGraphDomain = "ashlar pack graph";
inline constexpr std::uint32_t kNoCommit = 0xffffffff;
inline constexpr std::uint32_t kNoBitmap = 0xffffffff;
inline constexpr std::uint32_t kLastParent = 0x80000000;
inline constexpr std::uint32_t kReferenceDelta = 0x80000000;

struct PackGraphCommit {
    std::uint32_t rank = 0;
    std::uint32_t tree_rank = 0;
    std::uint32_t generation = 0;      // 1 more than the largest of its parents'; 1 without any
    std::uint32_t bitmap = kNoBitmap;  // number of its bitmap
    std::int64_t committed_seconds = 0;
    std::vector<std::uint32_t> parents;  // numbers of commits
};

// Where an entry of the pack lies, and what it builds on.
struct PackGraphEntry {
    std::uint64_t offset = 0;
    std::uint32_t base = kNoBase;  // rank
    bool names_base_by_id = false;
};

// Open for lookups; from any thread.
class PackGraph {
  public:
    // Fails with `corrupt` where it is damaged, or is not of the pack with this trailer and count.
    static Expected<std::shared_ptr<const PackGraph>> open(
        std::shared_ptr<const RandomAccess> source, const crypto::Sha1Digest& pack_checksum,
        std::uint32_t object_count);

    std::uint32_t object_count() const { return object_count_; }
    std::uint32_t commit_count() const { return commit_count_; }
    std::uint32_t bitmap_count() const { return bitmap_count_; }

    // Of the object at this position (below object_count()) of the pack's index.
    Expected<std::uint32_t> rank_of(std::uint32_t position) const;
    // The number of the commit that has this rank; nothing where no commit has.
    std::optional<std::uint32_t> commit_at(std::uint32_t rank) const;
    // Fails with `corrupt` where the numbers in it name nothing.
    Expected<PackGraphCommit> commit(std::uint32_t number) const;
    // rank < object_count()
    PackGraphEntry entry(std::uint32_t rank) const;
    Expected<std::uint32_t> rank_of_commit(std::uint32_t number) const;
    // Adds what the commit of that bitmap reaches.
    Expected<void> add_reached(std::uint32_t bitmap, Bits& to) const;
    // Adds all objects of a type.
    Expected<void> add_all(ObjectType type, Bits& to) const;

    // Where the parts begin.
    struct Layout {
        std::uint64_t commits = 0;
        std::uint64_t parents = 0;
        std::uint64_t blocks = 0;
        std::uint64_t entries = 0;
        std::uint64_t table = 0;
        std::uint64_t bitmaps = 0;
    };

  private:
    PackGraph() = default;
    Expected<void> read_header(const crypto::Sha1Digest& pack_checksum, std::uint32_t object_count);
    std::uint32_t number_at(std::uint64_t offset) const;
    Expected<void> add_stored(std::uint32_t number, Bits& to) const;

    std::shared_ptr<const RandomAccess> source_;
    Bytes copy_;  // where the source is not mapped
    ByteView bytes_;
    std::uint32_t object_count_ = 0;
    std::uint32_t commit_count_ = 0;
    std::uint32_t bitmap_count_ = 0;
    std::uint32_t further_count_ = 0;
    Layout layout_;
};

// What a graph is written from.
struct PackGraphParts {
    crypto::Sha1Digest pack_checksum{};
    std::vector<std::uint32_t> ranks;      // by position in the index
    std::vector<PackGraphCommit> commits;  // by rank
    std::vector<PackGraphEntry> entries;   // by rank
    std::array<Bits, 4> types;             // commits, trees, blobs, tags
    std::vector<Bytes> bitmaps;            // compressed
};
// Nothing where entries are too large for the format (16 of more than 4 GiB).
std::optional<Bytes> encode(PackGraphParts parts);

}  // namespace ashlar::git
