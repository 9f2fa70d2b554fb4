#include "git/pack/pack_graph.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "crypto/digest.h"
#include "git/pack/compressed_bits.h"
#include "git/pack/little_endian.h"

namespace ashlar::git {
namespace {

constexpr std::string_view kMagic = "ashpgrf1";
constexpr std::size_t kHeaderSize = 64;
constexpr std::size_t kNumberSize = 4;
constexpr std::size_t kCommitSize = 40;
constexpr std::uint32_t kBlockRanks = 16;
constexpr std::size_t kBlockSize = 8;
constexpr std::size_t kEntrySize = 8;
constexpr std::size_t kTableRowSize = 16;
constexpr std::uint32_t kTypeCount = 4;

PackGraph::Layout layout_of(std::uint32_t objects, std::uint32_t commits, std::uint32_t further,
                            std::uint32_t bitmaps) {
    PackGraph::Layout layout{};
    layout.commits = kHeaderSize + std::uint64_t{objects} * kNumberSize;
    layout.parents = layout.commits + std::uint64_t{commits} * kCommitSize;
    layout.blocks = layout.parents + std::uint64_t{further} * kNumberSize;
    layout.entries =
        layout.blocks + (std::uint64_t{objects} + kBlockRanks - 1) / kBlockRanks * kBlockSize;
    layout.table = layout.entries + std::uint64_t{objects} * kEntrySize;
    layout.bitmaps = layout.table + (std::uint64_t{bitmaps} + kTypeCount) * kTableRowSize;
    return layout;
}

Unexpected corrupt(const char* what) {
    return fail(ErrorCode::corrupt, std::string("pack graph: ") + what);
}

// How a commit's parents are written into its row. Where there are more than two, kLastParent and
// the place of the second among the further parents stand for the second.
struct ParentFields {
    std::uint32_t first = kNoCommit;
    std::uint32_t second = kNoCommit;
};

ParentFields write_parents(const std::vector<std::uint32_t>& parents,
                           std::vector<std::uint32_t>& further) {
    ParentFields fields;
    if (!parents.empty()) fields.first = parents[0];
    if (parents.size() == 2) fields.second = parents[1];
    if (parents.size() <= 2) return fields;
    fields.second = kLastParent | static_cast<std::uint32_t>(further.size());
    further.insert(further.end(), parents.begin() + 1, parents.end());
    further.back() |= kLastParent;
    return fields;
}

bool append_entries(Bytes& bytes, const std::vector<PackGraphEntry>& entries) {
    for (std::size_t rank = 0; rank < entries.size(); rank += kBlockRanks) {
        append_little_endian(bytes, entries[rank].offset);
    }
    for (std::size_t rank = 0; rank < entries.size(); ++rank) {
        const PackGraphEntry& entry = entries[rank];
        const std::uint64_t offset = entry.offset - entries[rank - rank % kBlockRanks].offset;
        if (offset > std::numeric_limits<std::uint32_t>::max()) return false;
        append_little_endian(bytes, static_cast<std::uint32_t>(offset));
        append_little_endian(bytes,
                             entry.names_base_by_id ? entry.base | kReferenceDelta : entry.base);
    }
    return true;
}

}  // namespace

Expected<std::shared_ptr<const PackGraph>> PackGraph::open(
    std::shared_ptr<const RandomAccess> source, const crypto::Sha1Digest& pack_checksum,
    std::uint32_t object_count) {
    std::shared_ptr<PackGraph> graph(new PackGraph());
    graph->source_ = std::move(source);
    graph->bytes_ = graph->source_->mapped();
    if (graph->bytes_.empty()) {
        graph->copy_.resize(static_cast<std::size_t>(graph->source_->size()));
        ASHLAR_CHECK(graph->source_->read(0, graph->copy_));
        graph->bytes_ = graph->copy_;
    }
    ASHLAR_CHECK(graph->read_header(pack_checksum, object_count));
    return std::shared_ptr<const PackGraph>(std::move(graph));
}

Expected<void> PackGraph::read_header(const crypto::Sha1Digest& pack_checksum,
                                      std::uint32_t object_count) {
    if (bytes_.size() < kHeaderSize + crypto::Digest::kSize) return corrupt("too short");
    if (as_text(bytes_.first(kMagic.size())) != kMagic) return corrupt("not of this version");
    object_count_ = number_at(8);
    commit_count_ = number_at(12);
    bitmap_count_ = number_at(16);
    further_count_ = number_at(20);
    if (object_count_ != object_count ||
        !std::equal(pack_checksum.begin(), pack_checksum.end(), bytes_.begin() + 24)) {
        return corrupt("of another pack");
    }
    layout_ = layout_of(object_count_, commit_count_, further_count_, bitmap_count_);
    const ByteView content = bytes_.first(bytes_.size() - crypto::Digest::kSize);
    if (commit_count_ > object_count_ || layout_.bitmaps > content.size()) {
        return corrupt("shorter than its counts");
    }
    const crypto::Digest digest = crypto::hash(kPackGraphDomain, content);
    if (!std::equal(digest.bytes.begin(), digest.bytes.end(), bytes_.end() - digest.kSize)) {
        return corrupt("damaged");
    }
    return {};
}

std::uint32_t PackGraph::number_at(std::uint64_t offset) const {
    return read_little_endian<std::uint32_t>(bytes_.subspan(static_cast<std::size_t>(offset)));
}

Expected<std::uint32_t> PackGraph::rank_of(std::uint32_t position) const {
    ASHLAR_ASSERT(position < object_count_);
    const std::uint32_t rank = number_at(kHeaderSize + std::uint64_t{position} * kNumberSize);
    if (rank >= object_count_) return corrupt("a rank beyond the pack");
    return rank;
}

PackGraphEntry PackGraph::entry(std::uint32_t rank) const {
    ASHLAR_ASSERT(rank < object_count_);
    const Byte* const start = bytes_.data();
    const std::uint64_t block = layout_.blocks + std::uint64_t{rank / kBlockRanks} * kBlockSize;
    const std::uint64_t row = layout_.entries + std::uint64_t{rank} * kEntrySize;
    PackGraphEntry entry;
    entry.offset = read_little_endian<std::uint64_t>({start + block, kBlockSize}) +
                   read_little_endian<std::uint32_t>({start + row, kNumberSize});
    entry.base = read_little_endian<std::uint32_t>({start + row + kNumberSize, kNumberSize});
    if (entry.base == kNoBase) return entry;
    entry.names_base_by_id = (entry.base & kReferenceDelta) != 0;
    entry.base &= ~kReferenceDelta;
    return entry;
}

std::optional<std::uint32_t> PackGraph::commit_at(std::uint32_t rank) const {
    std::uint32_t low = 0;
    std::uint32_t high = commit_count_;
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        const std::uint32_t found =
            number_at(layout_.commits + std::uint64_t{middle} * kCommitSize);
        if (found == rank) return middle;
        if (found < rank) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return std::nullopt;
}

Expected<std::uint32_t> PackGraph::rank_of_commit(std::uint32_t number) const {
    ASHLAR_ASSERT(number < commit_count_);
    const std::uint32_t rank = number_at(layout_.commits + std::uint64_t{number} * kCommitSize);
    if (rank >= object_count_) return corrupt("a commit that names nothing");
    return rank;
}

Expected<PackGraphCommit> PackGraph::commit(std::uint32_t number) const {
    ASHLAR_ASSERT(number < commit_count_);
    const std::uint64_t row = layout_.commits + std::uint64_t{number} * kCommitSize;
    PackGraphCommit commit;
    commit.rank = number_at(row);
    commit.tree_rank = number_at(row + 4);
    commit.generation = number_at(row + 8);
    const std::uint32_t first = number_at(row + 12);
    const std::uint32_t second = number_at(row + 16);
    commit.bitmap = number_at(row + 20);
    commit.committed_seconds = static_cast<std::int64_t>(
        read_little_endian<std::uint64_t>(bytes_.subspan(static_cast<std::size_t>(row) + 24)));
    if (first != kNoCommit) commit.parents.push_back(first);
    if (second != kNoCommit && (second & kLastParent) == 0) commit.parents.push_back(second);
    if (second != kNoCommit && (second & kLastParent) != 0) {
        for (std::uint32_t at = second & ~kLastParent;; ++at) {
            if (at >= further_count_) return corrupt("parents without an end");
            const std::uint32_t parent =
                number_at(layout_.parents + std::uint64_t{at} * kNumberSize);
            commit.parents.push_back(parent & ~kLastParent);
            if ((parent & kLastParent) != 0) break;
        }
    }
    const bool is_sound = commit.rank < object_count_ && commit.tree_rank < object_count_ &&
                          (commit.bitmap == kNoBitmap || commit.bitmap < bitmap_count_) &&
                          std::all_of(
                              commit.parents.begin(), commit.parents.end(),
                              [this](std::uint32_t parent) { return parent < commit_count_; });
    if (!is_sound) return corrupt("a commit that names nothing");
    return commit;
}

Expected<void> PackGraph::add_stored(std::uint32_t number, Bits& to) const {
    if (to.size() != object_count_) return corrupt("bits of another pack");
    const ByteView row = bytes_.subspan(
        static_cast<std::size_t>(layout_.table + std::uint64_t{number} * kTableRowSize));
    const auto offset = read_little_endian<std::uint64_t>(row);
    const auto length = read_little_endian<std::uint64_t>(row.subspan(8));
    if (offset > bytes_.size() || length > bytes_.size() - offset)
        return corrupt("a bitmap beyond it");
    return add_compressed_bits(
        bytes_.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)), to);
}

Expected<void> PackGraph::add_reached(std::uint32_t bitmap, Bits& to) const {
    ASHLAR_ASSERT(bitmap < bitmap_count_);
    return add_stored(kTypeCount + bitmap, to);
}

Expected<void> PackGraph::add_all(ObjectType type, Bits& to) const {
    return add_stored(static_cast<std::uint32_t>(type) - 1, to);
}

std::optional<Bytes> encode(PackGraphParts parts) {
    std::vector<std::uint32_t> further;
    std::vector<ParentFields> parent_fields;
    parent_fields.reserve(parts.commits.size());
    for (const PackGraphCommit& commit : parts.commits) {
        parent_fields.push_back(write_parents(commit.parents, further));
    }
    Bytes bytes = to_bytes(kMagic);
    append_little_endian(bytes, static_cast<std::uint32_t>(parts.ranks.size()));
    append_little_endian(bytes, static_cast<std::uint32_t>(parts.commits.size()));
    append_little_endian(bytes, static_cast<std::uint32_t>(parts.bitmaps.size()));
    append_little_endian(bytes, static_cast<std::uint32_t>(further.size()));
    append(bytes, ByteView(parts.pack_checksum));
    bytes.resize(kHeaderSize);
    for (const std::uint32_t rank : parts.ranks) append_little_endian(bytes, rank);
    for (std::size_t i = 0; i < parts.commits.size(); ++i) {
        const PackGraphCommit& commit = parts.commits[i];
        for (const std::uint32_t number :
             {commit.rank, commit.tree_rank, commit.generation, parent_fields[i].first,
              parent_fields[i].second, commit.bitmap}) {
            append_little_endian(bytes, number);
        }
        append_little_endian(bytes, static_cast<std::uint64_t>(commit.committed_seconds));
        append_little_endian(bytes, std::uint64_t{0});
    }
    for (const std::uint32_t parent : further) append_little_endian(bytes, parent);
    if (!append_entries(bytes, parts.entries)) return std::nullopt;
    std::vector<Bytes> bitmaps;
    for (const Bits& type : parts.types) bitmaps.push_back(compress_bits(type));
    std::move(parts.bitmaps.begin(), parts.bitmaps.end(), std::back_inserter(bitmaps));
    std::uint64_t offset = bytes.size() + bitmaps.size() * kTableRowSize;
    for (const Bytes& bitmap : bitmaps) {
        append_little_endian(bytes, offset);
        append_little_endian(bytes, std::uint64_t{bitmap.size()});
        offset += bitmap.size();
    }
    for (const Bytes& bitmap : bitmaps) append(bytes, bitmap);
    append(bytes, crypto::hash(kPackGraphDomain, bytes).view());
    return bytes;
}

}  // namespace ashlar::git
