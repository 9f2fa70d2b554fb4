#include "git/pack/received_entries.h"

#include <algorithm>

#include "git/pack/delta.h"

namespace ashlar::git {
namespace {

// Larger blobs stream through the hash; of larger deltas only the start is kept.
constexpr std::uint64_t kWholeSizeMax = std::uint64_t{8} << 20;
constexpr std::size_t kDeltaStartSize = 20;  // two sizes of at most ten bytes
// Room made for entries before they came, whatever the header claims.
constexpr std::uint32_t kReserveMax = 65536;

Unexpected too_large(std::string_view what, std::uint64_t size, std::uint64_t size_max) {
    return fail(ErrorCode::limit_exceeded, std::string(what) + " of " + std::to_string(size) +
                                               " bytes, more than " + std::to_string(size_max));
}

}  // namespace

ReceivedEntries::ReceivedEntries(const PackLimits& limits)
    : findings(std::size_t{limits.object_count_max} + limits.boundary_count_max),
      limits_(limits),
      hash_(crypto::CollisionDetection::off) {}

Expected<void> ReceivedEntries::begin_pack(const PackHeader& header) {
    if (header.object_count > limits_.object_count_max) {
        return fail(ErrorCode::limit_exceeded, "a pack of " + std::to_string(header.object_count) +
                                                   " objects, more than " +
                                                   std::to_string(limits_.object_count_max));
    }
    entries.reserve(std::min(header.object_count, kReserveMax));
    return {};
}

Expected<void> ReceivedEntries::count_inflated(std::uint64_t bytes) {
    if (bytes > limits_.inflated_bytes_max - inflated_bytes) {
        return fail(ErrorCode::limit_exceeded, "the pack's objects are more than " +
                                                   std::to_string(limits_.inflated_bytes_max) +
                                                   " bytes together");
    }
    inflated_bytes += bytes;
    return {};
}

Expected<PackScanSink::Handling> ReceivedEntries::begin_entry(const ScannedEntry& scanned) {
    handling_ = Handling::whole;
    ReceivedEntry entry;
    entry.offset = scanned.offset;
    entry.kind = scanned.header.kind;
    entry.size = scanned.header.size;
    entries.push_back(entry);
    if (is_delta(entry.kind)) {
        ASHLAR_CHECK(begin_delta(scanned));
    } else {
        ASHLAR_CHECK(begin_object(scanned));
    }
    return handling_;
}

Expected<void> ReceivedEntries::begin_object(const ScannedEntry& scanned) {
    std::uint64_t size = scanned.header.size;
    ObjectType type = object_type_of(scanned.header.kind);
    entries.back().type = type;
    bool held = type != ObjectType::blob;
    std::uint64_t size_max = held ? limits_.held_object_size_max : limits_.object_size_max;
    if (size > size_max) return too_large("a " + std::string(to_string(type)), size, size_max);
    ASHLAR_CHECK(count_inflated(size));
    if (held || size <= kWholeSizeMax) return {};
    handling_ = Handling::pieces;
    hash_ = begin_object_hash(type, size, crypto::CollisionDetection::on);
    return {};
}

Expected<void> ReceivedEntries::begin_delta(const ScannedEntry& scanned) {
    std::uint64_t size = scanned.header.size;
    if (size > limits_.held_object_size_max) {
        return too_large("a delta", size, limits_.held_object_size_max);
    }
    largest_delta = std::max(largest_delta, size);
    auto number = static_cast<std::uint32_t>(entries.size() - 1);
    if (scanned.header.kind == EntryKind::offset_delta) {
        ASHLAR_TRY(entries.back().base, find_base(scanned));
    } else {
        reference_deltas.push_back({scanned.header.base_id, number});
    }
    if (size > kWholeSizeMax) {
        handling_ = Handling::pieces;
        delta_start_.clear();
    }
    return {};
}

Expected<std::uint32_t> ReceivedEntries::find_base(const ScannedEntry& scanned) const {
    std::uint64_t distance = scanned.header.base_distance;
    if (distance != 0 && distance < scanned.offset) {
        std::uint64_t offset = scanned.offset - distance;
        auto found = std::lower_bound(
            entries.begin(), entries.end(), offset,
            [](const ReceivedEntry& entry, std::uint64_t wanted) { return entry.offset < wanted; });
        if (found != entries.end() && found->offset == offset) {
            return static_cast<std::uint32_t>(found - entries.begin());
        }
    }
    return fail(ErrorCode::invalid, "the pack entry at " + std::to_string(scanned.offset) +
                                        ": no object starts where its base should, " +
                                        std::to_string(distance) + " bytes before");
}

Expected<void> ReceivedEntries::piece(ByteView content) {
    if (is_delta(entries.back().kind)) {
        std::size_t missing = kDeltaStartSize - delta_start_.size();
        append(delta_start_, content.first(std::min(missing, content.size())));
    } else {
        hash_.update(content);
    }
    return {};
}

Expected<void> ReceivedEntries::end_entry(const ScannedEntry& scanned, ByteView content) {
    entries.back().crc32 = scanned.crc32;
    if (is_delta(scanned.header.kind)) {
        return end_delta(handling_ == Handling::pieces ? ByteView(delta_start_) : content);
    }
    return end_object(content);
}

Expected<void> ReceivedEntries::end_object(ByteView content) {
    ReceivedEntry& entry = entries.back();
    if (handling_ == Handling::pieces) {
        ASHLAR_TRY(crypto::Sha1Digest digest, hash_.finish());
        entry.id = ObjectId{digest};
    } else {
        ASHLAR_TRY(entry.id, object_id_of(entry.type, content));
        ASHLAR_CHECK(findings.check(entry.id, entry.type, content));
    }
    entry.resolved = true;
    return {};
}

Expected<void> ReceivedEntries::end_delta(ByteView content) {
    ASHLAR_TRY(DeltaHeader header, parse_delta_header(content));
    if (header.result_size > limits_.held_object_size_max) {
        return too_large("a delta that makes an object", header.result_size,
                         limits_.held_object_size_max);
    }
    if (header.base_size > limits_.held_object_size_max) {
        return too_large("a delta upon an object", header.base_size, limits_.held_object_size_max);
    }
    ASHLAR_CHECK(count_inflated(header.result_size));
    largest_in_family = std::max({largest_in_family, header.base_size, header.result_size});
    entries.back().size = header.result_size;
    return {};
}

}  // namespace ashlar::git
