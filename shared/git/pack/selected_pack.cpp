#include <algorithm>

#include "git/pack/inflate.h"
#include "git/pack/pack_graph.h"
#include "git/pack/pack_selection.h"
#include "git/pack/packed_objects.h"

namespace ashlar::git {
namespace {

// A stretch that is as long goes out as a range of what is stored; a shorter one is copied.
constexpr std::uint64_t kRangeMin = std::uint64_t{64} << 10;
// What is hashed before the next piece goes out.
constexpr std::uint64_t kStretchMax = std::uint64_t{1} << 20;
constexpr std::size_t kChunkSize = std::size_t{128} << 10;
// Entries that are written anew are read in pieces of this size, for their neighbors come next.
constexpr std::uint64_t kWindowSize = std::uint64_t{16} << 10;

// From the offsets of a pack to those of what is written: each entry from `stored` on lies as far
// from it there as here, up to the next shift.
struct Shift {
    std::uint64_t stored = 0;
    std::uint64_t written = 0;
};

// Reads a body from front to back, in pieces.
class Window {
  public:
    // `length` bytes, valid until the next call.
    Expected<ByteView> read(const RandomAccess& body, std::uint64_t offset, std::uint64_t length) {
        const auto size = static_cast<std::size_t>(length);
        if (const ByteView mapped = body.mapped(); !mapped.empty()) {
            return mapped.subspan(static_cast<std::size_t>(offset), size);
        }
        const bool is_inside = &body == body_ && offset >= offset_ && offset - offset_ <= size_ &&
                               length <= size_ - (offset - offset_);
        if (!is_inside) {
            body_ = nullptr;
            size_ = std::max(length, std::min(kWindowSize, body.size() - offset));
            if (bytes_.size() < size_) bytes_.resize(static_cast<std::size_t>(size_));
            ASHLAR_CHECK(
                body.read(offset, std::span(bytes_).first(static_cast<std::size_t>(size_))));
            body_ = &body;
            offset_ = offset;
        }
        return ByteView(bytes_).subspan(static_cast<std::size_t>(offset - offset_), size);
    }

  private:
    const RandomAccess* body_ = nullptr;
    std::uint64_t offset_ = 0;
    std::uint64_t size_ = 0;  // of what was read
    Bytes bytes_;             // reused
};

}  // namespace

// A step that fails for want of data changes nothing, and is run again.
class SelectedPack::Implementation {
  public:
    Implementation(std::shared_ptr<const PackCatalog> catalog, PackSelection selection)
        : catalog_(std::move(catalog)),
          selection_(std::move(selection)),
          object_count_(static_cast<std::uint32_t>(selection_.count())),
          shifts_(selection_.packs.size()),
          objects_(catalog_),
          hash_(crypto::CollisionDetection::off) {}

    Expected<void> begin() {
        for (std::size_t pack = 0; pack < selection_.packs.size(); ++pack) {
            const Bits& ranks = selection_.packs[pack];
            whole_.push_back(ranks.count() == ranks.size());
            ranks_.emplace_back();
            // Bases are named by position where no graph says their rank.
            if (whole_[pack] || catalog_->graph(pack) || ranks.next(0) == ranks.size()) continue;
            ASHLAR_TRY(ranks_[pack], PackRanks::of(*catalog_, pack));
        }
        put(encode_pack_header(object_count_));
        return {};
    }

    std::uint32_t object_count() const { return object_count_; }
    std::uint32_t made_count() const { return made_count_; }

    Expected<std::optional<Chunk>> next() {
        // The header goes out at once, before anything is read.
        while (has_begun_ && chunk_.size() < kChunkSize && !range_ &&
               pack_ < selection_.packs.size()) {
            ASHLAR_CHECK(step());
        }
        has_begun_ = true;
        // What was written before a range goes out before it.
        if (chunk_.empty() && range_) return take_range();
        if (chunk_.empty() && ended_) return std::optional<Chunk>();
        if (!range_ && pack_ == selection_.packs.size() && !ended_) {
            ASHLAR_TRY(const crypto::Sha1Digest trailer, hash_.finish());
            append(chunk_, ByteView(trailer));
            ended_ = true;
        }
        Bytes chunk;
        chunk.swap(chunk_);
        return std::optional<Chunk>(std::move(chunk));
    }

  private:
    // Entries that follow each other and go out as they are.
    struct Stretch {
        std::uint64_t offset = 0;
        std::uint64_t length = 0;
        std::uint32_t begin_rank = 0;
        std::uint32_t end_rank = 0;
    };

    std::optional<Chunk> take_range() {
        Chunk chunk(std::move(*range_));
        range_.reset();
        return chunk;
    }

    void put(ByteView bytes) {
        hash_.update(bytes);
        append(chunk_, bytes);
        written_ += bytes.size();
    }

    Expected<void> step() {
        const Bits& ranks = selection_.packs[pack_];
        if (rest_.length > 0) return write_rest();
        const std::uint32_t rank = ranks.next(rank_);
        if (rank >= ranks.size()) {
            ++pack_;
            rank_ = 0;
            solid_end_ = kNoBase;
            return {};
        }
        if (whole_[pack_]) {
            // Nothing in it moves, so its index need not be looked at.
            const std::uint64_t end = catalog_->pack(pack_).body->size() - kPackTrailerSize;
            begin_stretch({kPackHeaderSize, end - kPackHeaderSize, rank, ranks.size()});
            return {};
        }
        ASHLAR_TRY(const Stretch stretch, stretch_from(rank));
        if (stretch.length == 0) return write_anew(rank);
        begin_stretch(stretch);
        return {};
    }

    void begin_stretch(const Stretch& stretch) {
        note_shift(stretch.offset);
        if (stretch.begin_rank != solid_end_) solid_begin_ = stretch.begin_rank;
        solid_end_ = stretch.end_rank;
        rank_ = stretch.end_rank;
        rest_ = stretch;
    }

    // A piece of what goes out as it is.
    Expected<void> write_rest() {
        const StoredPack& pack = catalog_->pack(pack_);
        const std::uint64_t length = std::min(rest_.length, kStretchMax);
        ASHLAR_TRY(const ByteView bytes, window_.read(*pack.body, rest_.offset, length));
        if (length < kRangeMin) {
            put(bytes);
        } else {
            hash_.update(bytes);
            written_ += length;
            range_ = StoredRange{pack.body, rest_.offset, length};
        }
        rest_.offset += length;
        rest_.length -= length;
        return {};
    }

    // An entry of the pack that is being written.
    struct Entry {
        std::uint64_t offset = 0;
        std::uint64_t end = 0;
        std::uint32_t base = kNoBase;  // rank
        bool names_base_by_id = false;
    };

    Expected<Entry> entry_at(std::uint32_t rank) const {
        if (const PackGraph* graph = catalog_->graph(pack_).get()) {
            const PackGraphEntry entry = graph->entry(rank);
            const std::uint64_t end = rank + 1 < graph->object_count()
                                          ? graph->entry(rank + 1).offset
                                          : catalog_->pack(pack_).body->size() - kPackTrailerSize;
            return Entry{entry.offset, end, entry.base, entry.names_base_by_id};
        }
        const PackIndex& index = catalog_->index(pack_);
        ASHLAR_TRY(const std::uint32_t position, index.position_by_offset(rank));
        ASHLAR_TRY(const PackIndexEntry entry, index.entry_at(position));
        Entry found{entry.offset, entry.offset + entry.length, kNoBase,
                    entry.kind == EntryKind::reference_delta};
        if (!is_delta(entry.kind)) return found;
        if (entry.base >= index.object_count()) return broken(entry.offset);
        ASHLAR_TRY(found.base, ranks_[pack_]->rank_of(entry.base));
        return found;
    }

    Expected<std::uint64_t> offset_of(std::size_t pack, std::uint32_t rank) const {
        if (const PackGraph* graph = catalog_->graph(pack).get()) return graph->entry(rank).offset;
        ASHLAR_TRY(const std::uint32_t position, catalog_->index(pack).position_by_offset(rank));
        ASHLAR_TRY(const PackIndexEntry entry, catalog_->index(pack).entry_at(position));
        return entry.offset;
    }

    // As long as entries follow each other and can stay as they are, up to about kStretchMax.
    Expected<Stretch> stretch_from(std::uint32_t rank) const {
        const Bits& ranks = selection_.packs[pack_];
        Stretch stretch{0, 0, rank, rank};
        while (rank < ranks.size() && ranks.get(rank) && stretch.length < kStretchMax) {
            ASHLAR_TRY(const Entry entry, entry_at(rank));
            if (stretch.length == 0) stretch.offset = entry.offset;
            ASHLAR_TRY(const bool stays, stays_as_it_is(entry, stretch));
            if (!stays || entry.end <= entry.offset ||
                entry.offset != stretch.offset + stretch.length) {
                break;
            }
            stretch.length += entry.end - entry.offset;
            stretch.end_rank = ++rank;
        }
        return stretch;
    }

    Expected<bool> stays_as_it_is(const Entry& entry, const Stretch& stretch) const {
        if (entry.base == kNoBase) return true;
        if (!selection_.packs[pack_].get(entry.base)) return false;
        if (entry.names_base_by_id) return true;
        // What is selected from here on and lies in this stretch, or in those that it goes on from,
        // moves with it.
        if (entry.base >= (stretch.begin_rank == solid_end_ ? solid_begin_ : stretch.begin_rank)) {
            return true;
        }
        ASHLAR_TRY(const std::uint64_t base, offset_of(pack_, entry.base));
        const std::optional<std::uint64_t> base_at = written_at(pack_, base);
        return base_at &&
               entry.offset - base == written_ + (entry.offset - stretch.offset) - *base_at;
    }

    // Where the entry at an offset of a pack was written; nothing where none was that far.
    std::optional<std::uint64_t> written_at(std::size_t pack, std::uint64_t offset) const {
        if (whole_[pack] && !shifts_[pack].empty()) {
            return shifts_[pack].front().written + (offset - shifts_[pack].front().stored);
        }
        const std::vector<Shift>& shifts = shifts_[pack];
        auto after = std::upper_bound(
            shifts.begin(), shifts.end(), offset,
            [](std::uint64_t value, const Shift& shift) { return value < shift.stored; });
        if (after == shifts.begin()) return std::nullopt;
        --after;
        return after->written + (offset - after->stored);
    }

    void note_shift(std::uint64_t stored) {
        std::vector<Shift>& shifts = shifts_[pack_];
        if (!shifts.empty() && written_ >= shifts.back().written &&
            written_ - shifts.back().written == stored - shifts.back().stored) {
            return;
        }
        shifts.push_back({stored, written_});
    }

    Expected<void> write_anew(std::uint32_t rank) {
        ASHLAR_TRY(const Entry entry, entry_at(rank));
        ASHLAR_TRY(const std::optional<std::uint64_t> base_at, base_written_at(entry));
        if (!base_at) return write_made_whole(rank, entry);
        const std::uint64_t head_size =
            std::min<std::uint64_t>(entry.end - entry.offset, kPackEntryHeaderSizeMax);
        ASHLAR_TRY(const ByteView stored,
                   window_.read(*catalog_->pack(pack_).body, entry.offset, head_size));
        const auto header = parse_pack_entry_header(stored);
        if (!header || !*header) return broken(entry.offset);
        PackEntryHeader made = **header;
        made.kind = EntryKind::offset_delta;
        made.base_distance = written_ - *base_at;
        Bytes head;
        append_pack_entry_header(head, made);
        note_shift(entry.offset);
        put(head);
        const std::uint64_t rest = entry.offset + (*header)->length;
        rest_ = {rest, entry.end - rest, 0, 0};
        end_anew(rank);
        return {};
    }

    // What follows is shifted against what came before.
    void end_anew(std::uint32_t rank) {
        rank_ = rank + 1;
        solid_end_ = kNoBase;
    }

    // Where the base went, from its own place or from an earlier pack that has the same object.
    Expected<std::optional<std::uint64_t>> base_written_at(const Entry& entry) const {
        if (entry.base == kNoBase) return std::optional<std::uint64_t>();
        if (selection_.packs[pack_].get(entry.base)) {
            ASHLAR_TRY(const std::uint64_t base, offset_of(pack_, entry.base));
            return written_at(pack_, base);
        }
        const PackIndex& index = catalog_->index(pack_);
        ASHLAR_TRY(const std::uint32_t position, index.position_by_offset(entry.base));
        ASHLAR_TRY(const ObjectId id, index.id_at(position));
        for (std::size_t pack = 0; pack < pack_; ++pack) {
            ASHLAR_TRY(const std::optional<std::uint32_t> found, catalog_->index(pack).find(id));
            if (!found) continue;
            ASHLAR_TRY(const PackIndexEntry base, catalog_->index(pack).entry_at(*found));
            if (whole_[pack]) return written_at(pack, base.offset);
            if (!ranks_[pack] && !catalog_->graph(pack)) continue;  // nothing of it is selected
            ASHLAR_TRY(const std::uint32_t rank, catalog_->graph(pack)
                                                     ? catalog_->graph(pack)->rank_of(*found)
                                                     : ranks_[pack]->rank_of(*found));
            if (selection_.packs[pack].get(rank)) return written_at(pack, base.offset);
        }
        return std::optional<std::uint64_t>();
    }

    Expected<void> write_made_whole(std::uint32_t rank, const Entry& entry) {
        ASHLAR_TRY(const std::uint32_t position, catalog_->index(pack_).position_by_offset(rank));
        ASHLAR_TRY(
            const auto object,
            objects_.read_at({static_cast<std::uint32_t>(pack_), position}, kObjectSizeMaxDefault));
        Bytes made;
        append_pack_entry_header(made,
                                 {entry_kind_of(object->type), object->content.size(), 0, {}, 0});
        deflater_.deflate(object->content, made);
        note_shift(entry.offset);
        put(made);
        ++made_count_;
        end_anew(rank);
        return {};
    }

    Unexpected broken(std::uint64_t offset) const {
        return fail(ErrorCode::corrupt, "pack " + catalog_->pack(pack_).digest.hex() +
                                            ": the entry at " + std::to_string(offset) +
                                            " is broken");
    }

    std::shared_ptr<const PackCatalog> catalog_;
    const PackSelection selection_;
    const std::uint32_t object_count_;
    std::vector<bool> whole_;  // packs of which everything is selected
    // Of packs of which something is selected, where no graph says it.
    std::vector<std::optional<PackRanks>> ranks_;
    std::vector<std::vector<Shift>> shifts_;  // of each pack, ascending
    PackedObjects objects_;
    WholeDeflater deflater_{WholeDeflater::kLevelFast};
    crypto::Sha1 hash_;
    Window window_;
    std::size_t pack_ = 0;
    std::uint32_t rank_ = 0;
    Stretch rest_;  // what is still to be written before rank_ is looked at
    // Everything between these ranks has been written as it is, without a gap.
    std::uint32_t solid_begin_ = 0;
    std::uint32_t solid_end_ = kNoBase;
    std::uint64_t written_ = 0;
    std::uint32_t made_count_ = 0;  // objects made whole
    Bytes chunk_;
    std::optional<StoredRange> range_;  // to go out behind chunk_
    bool has_begun_ = false;
    bool ended_ = false;
};

Expected<std::unique_ptr<SelectedPack>> SelectedPack::create(
    std::shared_ptr<const PackCatalog> catalog, PackSelection selection) {
    if (selection.count() > kIndexObjectCountMax) {
        return fail(ErrorCode::limit_exceeded, "more objects than a pack can hold");
    }
    auto implementation =
        std::make_unique<Implementation>(std::move(catalog), std::move(selection));
    ASHLAR_CHECK(implementation->begin());
    return std::unique_ptr<SelectedPack>(new SelectedPack(std::move(implementation)));
}

SelectedPack::SelectedPack(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

SelectedPack::~SelectedPack() = default;

Expected<std::optional<Chunk>> SelectedPack::next() {
    return implementation_->next();
}

std::uint32_t SelectedPack::object_count() const {
    return implementation_->object_count();
}

std::uint32_t SelectedPack::made_count() const {
    return implementation_->made_count();
}

}  // namespace ashlar::git
