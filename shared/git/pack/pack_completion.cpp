// The last part of a reception: bases that a thin pack lacks, the trailer, the index, and what the
// objects name beyond the pack.
#include <algorithm>

#include "git/pack/inflate.h"
#include "git/pack/pack_reception.h"
#include "git/pack/staged_view.h"

namespace ashlar::git {
namespace {

constexpr std::size_t kHashPieceSize = std::size_t{1} << 20;
// Smaller bases are deflated whole, by the better encoder.
constexpr std::size_t kDeflatedWholeMax = std::size_t{4} << 20;

}  // namespace

Expected<void> PackReception::complete_thin_pack(const DeltaForest& forest) {
    // In the order of the pack: what one base resolves may be the base of the next.
    std::vector<ReferenceDelta> missing;
    for (const ReferenceDelta& delta : forest.reference_deltas()) {
        if (!received_.entries[delta.entry].resolved) missing.push_back(delta);
    }
    std::sort(missing.begin(), missing.end(),
              [](const ReferenceDelta& left, const ReferenceDelta& right) {
                  return left.entry < right.entry;
              });
    for (const ReferenceDelta& delta : missing) {
        if (received_.entries[delta.entry].resolved) continue;
        ASHLAR_TRY(bool found, append_base(delta.base));
        if (!found) continue;
        std::vector<ResolvedDelta> resolved;
        auto base = static_cast<std::uint32_t>(received_.entries.size() - 1);
        ASHLAR_CHECK(resolve_roots(forest, std::span(&base, 1), delta_memory_, received_.findings,
                                   resolved, work_bytes_));
        ASHLAR_CHECK(take_resolved(resolved));
    }
    for (const ReferenceDelta& delta : missing) {
        if (received_.entries[delta.entry].resolved) continue;
        return fail(ErrorCode::not_found,
                    "the pack holds a delta whose base " + delta.base.hex() + " is missing" +
                        (thin_bases_ == nullptr ? "; push again with --no-thin" : ""));
    }
    for (const ReceivedEntry& entry : received_.entries) {
        // All that is left are deltas by distance upon one that could not be resolved.
        if (!entry.resolved) return fail(ErrorCode::invalid, "a delta that nothing resolves");
    }
    return {};
}

// False where the source does not have the object.
Expected<bool> PackReception::append_base(const ObjectId& id) {
    if (thin_bases_ == nullptr) return false;
    auto object = thin_bases_->read(id, options_.limits.held_object_size_max);
    if (!object && object.error().code == ErrorCode::not_found) return false;
    if (!object) return Unexpected(std::move(object).error());
    const Object& base = **object;
    if (received_.entries.size() >= options_.limits.object_count_max) {
        return fail(ErrorCode::limit_exceeded,
                    "the completed pack has more than " +
                        std::to_string(options_.limits.object_count_max) + " objects");
    }
    ReceivedEntry entry;
    entry.id = id;
    entry.offset = pack_end_;
    entry.size = base.content.size();
    entry.kind = entry_kind_of(base.type);
    entry.type = base.type;
    entry.resolved = true;
    ASHLAR_CHECK(received_.count_inflated(entry.size));
    Bytes stored;
    append_pack_entry_header(stored, {entry.kind, entry.size, 0, {}, 0});
    if (base.content.size() <= kDeflatedWholeMax) {
        WholeDeflater().deflate(base.content, stored);
        ASHLAR_CHECK(append_to_pack(stored, entry.crc32));
    } else {
        ASHLAR_CHECK(append_to_pack(stored, entry.crc32));
        ASHLAR_CHECK(deflate_in_pieces(base.content, [this, &entry](ByteView piece) {
            return append_to_pack(piece, entry.crc32);
        }));
    }
    received_.entries.push_back(entry);
    ++appended_count_;
    // It was checked when it came; what it names still has to be there.
    FsckReport report;
    fsck_object(base.type, base.content, report);
    for (const ObjectReference& reference : report.references) {
        ASHLAR_CHECK(
            received_.findings.references.add(reference.id, ReferenceSet::mask_of(reference.type)));
    }
    return true;
}

Expected<void> PackReception::append_to_pack(ByteView bytes, std::uint32_t& crc32) {
    if (pack_end_ + bytes.size() > options_.limits.pack_bytes_max) {
        return fail(ErrorCode::limit_exceeded, "the completed pack has more than " +
                                                   std::to_string(options_.limits.pack_bytes_max) +
                                                   " bytes");
    }
    ASHLAR_CHECK(staging_.append(bytes));
    crc32 = crc32_of(crc32, bytes);
    pack_end_ += bytes.size();
    return {};
}

Expected<crypto::Sha1Digest> PackReception::write_trailer() {
    crypto::Sha1Digest checksum = scanner_.checksum();
    if (appended_count_ > 0) {
        auto count = static_cast<std::uint32_t>(received_.entries.size());
        ASHLAR_CHECK(staging_.overwrite(0, encode_pack_header(count)));
        ASHLAR_TRY(checksum, hash_completed_pack());
    }
    ASHLAR_CHECK(staging_.append(checksum));
    return checksum;
}

Expected<crypto::Sha1Digest> PackReception::hash_completed_pack() {
    crypto::Sha1 hash(crypto::CollisionDetection::off);
    Bytes piece;
    for (std::uint64_t offset = 0; offset < pack_end_; offset += piece.size()) {
        piece.resize(
            static_cast<std::size_t>(std::min<std::uint64_t>(kHashPieceSize, pack_end_ - offset)));
        ASHLAR_CHECK(staging_.read(offset, piece));
        hash.update(piece);
    }
    return hash.finish();
}

Expected<Bytes> PackReception::build_index(const DeltaForest& forest,
                                           const crypto::Sha1Digest& checksum) {
    PackIndexBuilder builder;
    builder.reserve(received_.entries.size());
    for (std::uint32_t number = 0; number < received_.entries.size(); ++number) {
        const ReceivedEntry& entry = received_.entries[number];
        PackIndexBuilder::Row row;
        row.id = entry.id;
        row.entry.offset = entry.offset;
        std::uint64_t end = number + std::size_t{1} < received_.entries.size()
                                ? received_.entries[number + 1].offset
                                : pack_end_;
        row.entry.length = end - entry.offset;
        row.entry.size = entry.size;
        row.entry.crc32 = entry.crc32;
        row.entry.kind = entry.kind;
        row.entry.type = entry.type;
        if (is_delta(entry.kind)) row.base_offset = forest.entry(entry.base).offset;
        builder.add(row);
    }
    return std::move(builder).build(staging_.size(), checksum);
}

Expected<void> PackReception::find_unreferenced(const PackIndex& index,
                                                const std::vector<bool>& named,
                                                ReceivedPack& received) const {
    for (std::uint32_t position = 0; position < index.object_count(); ++position) {
        if (named[position]) continue;
        ASHLAR_TRY(const PackIndexEntry entry, index.entry_at(position));
        if (entry.offset >= scanner_.size()) continue;  // it was appended
        ++received.unreferenced_count;
        if (received.unreferenced.size() >= kUnreferencedCountMax) continue;
        ASHLAR_TRY(const ObjectId id, index.id_at(position));
        received.unreferenced.push_back(id);
    }
    return {};
}

Expected<std::vector<ObjectReference>> PackReception::find_boundary(ReceivedPack& received) {
    ASHLAR_TRY(PackIndex index, PackIndex::open(view_of(ByteView(received.index))));
    std::vector<ObjectReference> boundary;
    std::vector<bool> named(index.object_count());
    Expected<void> result;
    received_.findings.references.visit([&](const ObjectId& id, ReferenceSet::TypeMask types) {
        auto position = index.find(id);
        if (!position) result = Unexpected(position.error());
        if (!result) return;
        if (*position) named[**position] = true;
        for (ObjectType type :
             {ObjectType::commit, ObjectType::tree, ObjectType::blob, ObjectType::tag}) {
            if ((types & ReferenceSet::mask_of(type)) == 0) continue;
            if (!*position) {
                boundary.push_back({id, type});
            } else if (auto entry = index.entry_at(**position); entry && entry->type != type) {
                result =
                    fail(ErrorCode::invalid,
                         "object " + id.hex() + " is a " + std::string(to_string(entry->type)) +
                             ", and is named as a " + std::string(to_string(type)));
            }
        }
    });
    ASHLAR_CHECK(result);
    ASHLAR_CHECK(find_unreferenced(index, named, received));
    received_.findings.references = ReferenceSet(0);
    std::sort(boundary.begin(), boundary.end(),
              [](const ObjectReference& left, const ObjectReference& right) {
                  return left.id != right.id ? left.id < right.id : left.type < right.type;
              });
    if (boundary.size() > options_.limits.boundary_count_max) {
        return fail(ErrorCode::limit_exceeded,
                    "the pack's objects name more than " +
                        std::to_string(options_.limits.boundary_count_max) +
                        " objects that it does not hold");
    }
    return boundary;
}

}  // namespace ashlar::git
