#include "replica/entry_checks.h"

#include <algorithm>

#include "crypto/digest.h"
#include "git/pack/little_endian.h"

namespace ashlar::replica {

namespace {

constexpr std::string_view kMagic = "ashchk01";
constexpr std::string_view kDomain = "ashlar checked entries";
// Objects that are whole and larger are hashed piece by piece; others are made in memory.
constexpr std::uint64_t kInOnePieceMax = std::uint64_t{1} << 20;
// What is asked for at once of such an object.
constexpr std::uint64_t kPieceMax = std::uint64_t{4} << 20;
constexpr std::size_t kOutputMax = std::size_t{256} << 10;
// How many of them are remembered half way.
constexpr std::size_t kStreamsMax = 4;
constexpr std::uint64_t kBaseCacheMax = std::uint64_t{8} << 20;
// How many packs may hold objects at a time; those that were not looked at for longest let go.
constexpr std::size_t kWarmMax = 8;

}  // namespace

Expected<void> CheckedBody::read(std::uint64_t offset, std::span<Byte> into) const {
    ASHLAR_CHECK(body_->read(offset, into));
    return checks_->check(offset, offset + into.size());
}

Expected<std::shared_ptr<EntryChecks>> EntryChecks::begin(
    std::shared_ptr<const git::StoredPack> pack, std::string address,
    std::shared_ptr<SharedChecks> shared) {
    ASHLAR_TRY(auto catalog, git::PackCatalog::open({std::move(pack)}));
    return std::shared_ptr<EntryChecks>(
        new EntryChecks(std::move(catalog), std::move(address), std::move(shared)));
}

EntryChecks::EntryChecks(std::shared_ptr<const git::PackCatalog> catalog, std::string address,
                         std::shared_ptr<SharedChecks> shared)
    : catalog_(std::move(catalog)),
      address_(std::move(address)),
      shared_(std::move(shared)),
      checked_(catalog_->index(0).object_count()) {}

Expected<std::uint64_t> EntryChecks::offset_of(std::uint32_t rank) const {
    const git::PackIndex& index = catalog_->index(0);
    ASHLAR_TRY(const std::uint32_t position, index.position_by_offset(rank));
    ASHLAR_TRY(const git::PackIndexEntry entry, index.entry_at(position));
    return entry.offset;
}

Expected<std::uint32_t> EntryChecks::rank_from(std::uint64_t offset) const {
    std::uint32_t begin = 0;
    std::uint32_t end = checked_.size();
    while (begin < end) {
        const std::uint32_t middle = begin + (end - begin) / 2;
        ASHLAR_TRY(const std::uint64_t at, offset_of(middle));
        if (at < offset) {
            begin = middle + 1;
        } else {
            end = middle;
        }
    }
    return begin;
}

Expected<void> EntryChecks::check(std::uint64_t begin, std::uint64_t end) {
    if (begin >= end) return {};
    // The entry that the range begins in may have begun before it.
    ASHLAR_TRY(std::uint32_t rank, rank_from(begin + 1));
    if (rank > 0) --rank;
    ASHLAR_TRY(const std::uint32_t end_rank, rank_from(end));
    for (; rank < end_rank; ++rank) {
        if (checked_.get(rank)) continue;
        if (!objects_) warm_up();
        ASHLAR_TRY(const Entry entry, entry_at(rank));
        ASHLAR_CHECK(check_entry(entry));
        mark(rank);
    }
    return {};
}

Expected<EntryChecks::Entry> EntryChecks::entry_at(std::uint32_t rank) const {
    const git::PackIndex& index = catalog_->index(0);
    Entry entry;
    entry.rank = rank;
    ASHLAR_TRY(entry.position, index.position_by_offset(rank));
    ASHLAR_TRY(entry.id, index.id_at(entry.position));
    ASHLAR_TRY(entry.stored, index.entry_at(entry.position));
    return entry;
}

Unexpected EntryChecks::broken(const Entry& entry, const std::string& why) const {
    return fail(ErrorCode::invalid, "index: of pack " + catalog_->pack(0).digest.hex() +
                                        ": object " + entry.id.hex() + " at " +
                                        std::to_string(entry.stored.offset) + ": " + why);
}

Expected<void> EntryChecks::check_entry(const Entry& entry) {
    ASHLAR_TRY(const git::PackEntryHeader header, check_header(entry));
    git::ObjectId found;
    if (!git::is_delta(entry.stored.kind) && entry.stored.size > kInOnePieceMax) {
        ASHLAR_TRY(found, id_of_stream(entry, header));
    } else {
        auto object = objects_->read_at({0, entry.position}, git::kObjectSizeMaxDefault);
        if (!object && object.error().code == ErrorCode::needs_data) {
            return Unexpected(object.error());
        }
        if (!object && object.error().code == ErrorCode::limit_exceeded) {
            return fail(ErrorCode::unsupported, object.error().detail);
        }
        if (!object) return broken(entry, object.error().detail);
        auto hashed = git::object_id_of((*object)->type, (*object)->content);
        if (!hashed) return broken(entry, hashed.error().detail);
        found = *hashed;
    }
    if (found == entry.id) return {};
    return broken(entry, "what lies there is " + found.hex());
}

// What git reads is the entry's own header, not what an index says of it.
Expected<git::PackEntryHeader> EntryChecks::check_header(const Entry& entry) const {
    const std::uint64_t size =
        std::min<std::uint64_t>(entry.stored.length, git::kPackEntryHeaderSizeMax);
    Bytes head(static_cast<std::size_t>(size));
    ASHLAR_CHECK(catalog_->pack(0).body->read(entry.stored.offset, head));
    const auto parsed = git::parse_pack_entry_header(head);
    if (!parsed || !*parsed) return broken(entry, "no entry begins there");
    const git::PackEntryHeader& header = **parsed;
    if (header.kind != entry.stored.kind) return broken(entry, "the entry is of another kind");
    if (!git::is_delta(header.kind)) {
        if (header.size == entry.stored.size) return header;
        return broken(entry, "the entry is of another size");
    }
    const git::PackIndex& index = catalog_->index(0);
    if (entry.stored.base >= index.object_count()) return broken(entry, "has no base");
    bool is_same = false;
    if (header.kind == git::EntryKind::offset_delta) {
        ASHLAR_TRY(const git::PackIndexEntry base, index.entry_at(entry.stored.base));
        is_same = base.offset + header.base_distance == entry.stored.offset;
    } else {
        ASHLAR_TRY(const git::ObjectId base, index.id_at(entry.stored.base));
        is_same = base == header.base_id;
    }
    if (!is_same) return broken(entry, "is a delta of another base");
    return header;
}

Expected<git::ObjectId> EntryChecks::id_of_stream(const Entry& entry,
                                                  const git::PackEntryHeader& header) {
    auto stream = std::find_if(streams_.begin(), streams_.end(),
                               [&](const Stream& other) { return other.rank == entry.rank; });
    if (stream == streams_.end()) {
        streams_.emplace_front();
        stream = streams_.begin();
        stream->rank = entry.rank;
        stream->consumed = header.length;
        stream->hash = git::begin_object_hash(entry.stored.type, entry.stored.size,
                                              crypto::CollisionDetection::on);
        if (streams_.size() > kStreamsMax) streams_.pop_back();
    }
    while (stream->consumed < entry.stored.length) ASHLAR_CHECK(read_piece(entry, *stream));
    const bool is_whole = stream->finished && stream->produced == entry.stored.size;
    const auto hashed = stream->hash.finish();
    streams_.erase(stream);
    if (!is_whole) return broken(entry, "does not inflate to its size");
    if (!hashed) return broken(entry, hashed.error().detail);
    return git::ObjectId::from_bytes(ByteView(*hashed));
}

// A read that lacks data changes nothing, and is done again.
Expected<void> EntryChecks::read_piece(const Entry& entry, Stream& stream) {
    Bytes piece(
        static_cast<std::size_t>(std::min(kPieceMax, entry.stored.length - stream.consumed)));
    ASHLAR_CHECK(catalog_->pack(0).body->read(entry.stored.offset + stream.consumed, piece));
    stream.consumed += piece.size();
    Bytes output(kOutputMax);
    ByteView left = piece;
    while (!left.empty()) {
        if (stream.finished) return broken(entry, "has bytes behind its end");
        const auto step = stream.inflater.step(left, output);
        if (!step) return broken(entry, step.error().detail);
        stream.hash.update(ByteView(output).first(step->produced));
        stream.produced += step->produced;
        stream.finished = step->finished;
        left = left.subspan(step->consumed);
        const bool is_stuck = step->consumed == 0 && step->produced == 0 && !step->finished;
        if (is_stuck || stream.produced > entry.stored.size) {
            return broken(entry, "does not inflate to its size");
        }
    }
    return {};
}

void EntryChecks::warm_up() {
    objects_.emplace(catalog_, git::PackedObjectsOptions{kBaseCacheMax});
    shared_->warm.push_front(weak_from_this());
    if (shared_->warm.size() <= kWarmMax) return;
    if (const auto coldest = shared_->warm.back().lock()) coldest->cool_down();
    shared_->warm.pop_back();
}

void EntryChecks::cool_down() {
    objects_.reset();
    streams_.clear();
}

void EntryChecks::mark(std::uint32_t rank) {
    checked_.set(rank);
    if (changed_) return;
    changed_ = true;
    shared_->changed.push_back(weak_from_this());
}

Bytes EntryChecks::encode() {
    changed_ = false;
    Bytes bytes = to_bytes(kMagic);
    append(bytes, as_bytes(address_));
    for (const std::uint64_t word : checked_.words()) git::append_little_endian(bytes, word);
    append(bytes, crypto::hash(kDomain, bytes).view());
    return bytes;
}

void EntryChecks::restore(ByteView kept) {
    const std::size_t begin = kMagic.size() + address_.size();
    const std::size_t size = checked_.words().size() * sizeof(std::uint64_t);
    if (kept.size() != begin + size + crypto::Digest::kSize) return;
    const ByteView content = kept.first(begin + size);
    const crypto::Digest digest = crypto::hash(kDomain, content);
    if (!std::equal(digest.view().begin(), digest.view().end(),
                    kept.begin() + static_cast<std::ptrdiff_t>(content.size()))) {
        return;
    }
    if (as_text(content.first(begin)) != std::string(kMagic) + address_) return;
    git::Bits restored(checked_.size());
    for (std::size_t i = 0; i < restored.words().size(); ++i) {
        restored.words()[i] = git::read_little_endian<std::uint64_t>(
            content.subspan(begin + i * sizeof(std::uint64_t)));
    }
    // Bits beyond the last entry mean nothing.
    for (std::uint32_t bit = restored.size(); bit % git::Bits::kWordBits != 0; ++bit) {
        restored.words().back() &= ~(std::uint64_t{1} << (bit % git::Bits::kWordBits));
    }
    checked_.add(restored);
}

}  // namespace ashlar::replica
