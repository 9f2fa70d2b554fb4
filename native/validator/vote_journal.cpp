// A segment is a file named by its number in 16 hexadecimal digits. All numbers are big-endian.
//
//   header, 64 bytes:  magic "ashlarJ1", number (8), chain id (32),
//                      where the records of the segment before end (8), checksum of these (8)
//   record, padded to 8 bytes:
//                      magic "AJr1" (4), length (4), how far this segment was durable when the
//                      record was written (8), checksum (8), the record (schema JournalRecord)
//
// A checksum is the first 8 bytes of BLAKE2b-256 over what it covers, for a record with the
// segment's number and the record's place. Records end where the next is not valid. A valid record
// behind that place, which says that the place was durable, shows that the journal is damaged.
#include "native/validator/vote_journal.h"

#include <algorithm>
#include <cstdio>

#include "base/assert.h"
#include "codec/consensus_messages.h"

namespace ashlar::validator {

namespace {

constexpr std::string_view kSegmentMagic = "ashlarJ1";
constexpr std::uint32_t kRecordMagic = 0x414a7231;
constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kRecordHeaderBytes = 24;

std::size_t padded(std::size_t size) {
    return (size + 7) / 8 * 8;
}

std::uint64_t checksum(ByteView bytes) {
    return read_big_endian_64(crypto::hash("ashlar.journal.1", bytes).view());
}

std::uint64_t record_checksum(std::uint64_t segment, std::size_t place, std::uint64_t durable,
                              ByteView record) {
    Bytes covered;
    append_big_endian_64(covered, segment);
    append_big_endian_64(covered, place);
    append_big_endian_64(covered, durable);
    append(covered, record);
    return checksum(covered);
}

struct Found {
    ByteView record;
    std::uint64_t durable = 0;
    std::size_t end = 0;
};

// The record at this place, if a valid one is there.
std::optional<Found> record_at(ByteView bytes, std::uint64_t segment, std::size_t place) {
    if (place + kRecordHeaderBytes > bytes.size()) return std::nullopt;
    ByteView at = bytes.subspan(place);
    if (read_big_endian_32(at) != kRecordMagic) return std::nullopt;
    const std::size_t length = read_big_endian_32(at.subspan(4));
    if (length > at.size() - kRecordHeaderBytes) return std::nullopt;
    Found found{at.subspan(kRecordHeaderBytes, length), read_big_endian_64(at.subspan(8)),
                place + kRecordHeaderBytes + padded(length)};
    const std::uint64_t sum = read_big_endian_64(at.subspan(16));
    if (sum != record_checksum(segment, place, found.durable, found.record)) return std::nullopt;
    return found;
}

Expected<Bytes> read_whole(storage::FileSystem& files, const std::string& path) {
    ASHLAR_TRY(auto file, files.open(path, storage::FileAccess::by_reading));
    Bytes bytes(static_cast<std::size_t>(file->size()));
    ASHLAR_CHECK(file->read(0, bytes));
    return bytes;
}

}  // namespace

std::string VoteJournal::path_of(std::uint64_t number) const {
    Bytes name;
    append_big_endian_64(name, number);
    return folder_ + "/" + to_hex(name);
}

Expected<std::unique_ptr<VoteJournal>> VoteJournal::create(storage::FileSystem& files,
                                                           const std::string& folder,
                                                           const ledger::ChainId& chain) {
    ASHLAR_CHECK(files.make_folder(folder));
    ASHLAR_CHECK(files.sync_folder("."));
    ASHLAR_TRY(const auto names, files.list(folder));
    auto journal = std::unique_ptr<VoteJournal>(new VoteJournal(files, folder, chain));
    bool unfinished = false;
    if (names == std::vector<std::string>{"0000000000000001"}) {
        // Whoever made it before may have been stopped before it was done.
        ASHLAR_TRY(const Bytes bytes, read_whole(files, journal->path_of(1)));
        ASHLAR_TRY(const auto segment, journal->read_header(1, bytes));
        unfinished = !segment;
    }
    if (unfinished) {
        ASHLAR_CHECK(files.remove(journal->path_of(1)));
    } else if (!names.empty()) {
        return fail(ErrorCode::already_exists, "the folder " + folder + " holds a journal");
    }
    ASHLAR_CHECK(journal->start_segment(0));
    return journal;
}

Expected<std::unique_ptr<VoteJournal>> VoteJournal::open(storage::FileSystem& files,
                                                         const std::string& folder,
                                                         const ledger::ChainId& chain) {
    auto journal = std::unique_ptr<VoteJournal>(new VoteJournal(files, folder, chain));
    ASHLAR_CHECK(journal->restore());
    // A new segment, so that whatever a crash left behind the last record is never written over.
    ASHLAR_CHECK(journal->start_segment(0));
    return journal;
}

Expected<void> VoteJournal::start_segment(std::size_t bytes_needed) {
    Segment segment;
    segment.number = segments_.empty() ? 1 : segments_.back().number + 1;
    segment.end = kHeaderBytes;
    const std::size_t capacity = std::max(kSegmentBytes, kHeaderBytes + bytes_needed);
    ASHLAR_TRY(auto file, files_.create(path_of(segment.number)));
    ASHLAR_CHECK(file->append(Bytes(capacity)));

    Bytes header = to_bytes(kSegmentMagic);
    append_big_endian_64(header, segment.number);
    ashlar::append(header, chain_.digest.view());
    append_big_endian_64(header, segments_.empty() ? 0 : segments_.back().end);
    append_big_endian_64(header, checksum(header));
    ASHLAR_ASSERT(header.size() == kHeaderBytes);
    ASHLAR_CHECK(file->write_at(0, header));
    ASHLAR_CHECK(file->sync());
    ASHLAR_CHECK(files_.sync_folder(folder_));
    file_ = std::move(file);
    capacity_ = capacity;
    segments_.push_back(segment);
    return {};
}

Expected<void> VoteJournal::restore() {
    ASHLAR_TRY(const auto names, files_.list(folder_));
    std::vector<std::uint64_t> numbers;
    for (const std::string& name : names) {
        const auto number = from_hex(name);
        if (!number || number->size() != 8) {
            return fail(ErrorCode::corrupt, "the journal holds a strange file, " + name);
        }
        numbers.push_back(read_big_endian_64(*number));
    }
    if (numbers.empty()) return fail(ErrorCode::not_found, "there is no journal in " + folder_);
    std::vector<Bytes> contents;
    std::vector<std::size_t> ends_before;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0 && numbers[i] != numbers[i - 1] + 1) {
            return fail(ErrorCode::corrupt, "the journal lacks " + path_of(numbers[i - 1] + 1));
        }
        ASHLAR_TRY(Bytes bytes, read_whole(files_, path_of(numbers[i])));
        ASHLAR_TRY(const auto segment, read_header(numbers[i], bytes));
        if (!segment) {
            // Only the last one can be unfinished, and nothing was written to it.
            if (numbers == std::vector<std::uint64_t>{1}) {
                return fail(ErrorCode::not_found, "the journal in " + folder_ + " was never made");
            }
            if (i + 1 != numbers.size() || i == 0) {
                return fail(ErrorCode::corrupt, path_of(numbers[i]) + " has a damaged header");
            }
            ASHLAR_CHECK(files_.remove(path_of(numbers[i])));
            break;
        }
        ends_before.push_back(segment->end);
        contents.push_back(std::move(bytes));
    }
    for (std::size_t i = 0; i < contents.size(); ++i) {
        Segment segment{numbers[i], kHeaderBytes, {}};
        const bool is_last = i + 1 == contents.size();
        ASHLAR_CHECK(read_records(segment, contents[i], is_last ? 0 : ends_before[i + 1]));
        segments_.push_back(segment);
    }
    return {};
}

// The segment's `end` is here that of the segment before.
Expected<std::optional<VoteJournal::Segment>> VoteJournal::read_header(std::uint64_t number,
                                                                       ByteView bytes) {
    if (bytes.size() < kHeaderBytes) return std::nullopt;
    const std::size_t covered = kHeaderBytes - 8;
    if (as_text(bytes.first(8)) != kSegmentMagic ||
        read_big_endian_64(bytes.subspan(covered)) != checksum(bytes.first(covered))) {
        return std::nullopt;
    }
    if (read_big_endian_64(bytes.subspan(8)) != number) {
        return fail(ErrorCode::corrupt, path_of(number) + " is another segment");
    }
    if (!equal_in_constant_time(bytes.subspan(16, crypto::Digest::kSize), chain_.digest.view())) {
        return fail(ErrorCode::corrupt, path_of(number) + " is another network's");
    }
    Segment segment;
    segment.number = number;
    segment.end = static_cast<std::size_t>(read_big_endian_64(bytes.subspan(48)));
    return segment;
}

Expected<void> VoteJournal::read_records(Segment& segment, ByteView bytes, std::size_t must_reach) {
    const auto damaged = [&] {
        return fail(ErrorCode::corrupt, path_of(segment.number) + " is damaged at byte " +
                                            std::to_string(segment.end) +
                                            "; restore it, or start this validator as one that "
                                            "lost its journal");
    };
    while (must_reach == 0 || segment.end < must_reach) {
        const auto found = record_at(bytes, segment.number, segment.end);
        if (!found) break;
        ASHLAR_TRY(consensus::Record record, codec::decode_journal_record(found->record));
        segment.newest = std::max(segment.newest, consensus::round_of(record));
        records_.push_back(std::move(record));
        segment.end = found->end;
    }
    if (segment.end < must_reach) return damaged();
    if (must_reach != 0) return {};
    for (std::size_t place = segment.end + 8; place < bytes.size(); place += 8) {
        const auto later = record_at(bytes, segment.number, place);
        if (later && later->durable > segment.end) return damaged();
    }
    return {};
}

void VoteJournal::append(const consensus::Record& record) {
    waiting_.push_back({codec::encode(record), consensus::round_of(record)});
}

Expected<void> VoteJournal::sync() {
    std::size_t next = 0;
    while (next < waiting_.size()) {
        // As much as fits into the segment goes into one write.
        Segment* segment = &segments_.back();
        const std::size_t durable = segment->end;
        Bytes batch;
        for (; next < waiting_.size(); ++next) {
            const Bytes& record = waiting_[next].bytes;
            const std::size_t place = durable + batch.size();
            const std::size_t size = kRecordHeaderBytes + padded(record.size());
            if (size > capacity_ - place) break;
            append_big_endian_32(batch, kRecordMagic);
            append_big_endian_32(batch, static_cast<std::uint32_t>(record.size()));
            append_big_endian_64(batch, durable);
            append_big_endian_64(batch, record_checksum(segment->number, place, durable, record));
            ashlar::append(batch, record);
            batch.resize(padded(batch.size()));
            segment->newest = std::max(segment->newest, waiting_[next].round);
        }
        if (!batch.empty()) {
            ASHLAR_CHECK(file_->write_at(durable, batch));
            ASHLAR_CHECK(file_->sync());
            segment->end += batch.size();
        }
        if (next == waiting_.size()) break;
        ASHLAR_CHECK(start_segment(kRecordHeaderBytes + padded(waiting_[next].bytes.size())));
    }
    waiting_.clear();
    return {};
}

Expected<void> VoteJournal::drop_through(const consensus::Round& round) {
    bool dropped = false;
    while (segments_.size() > 1 && segments_.front().newest <= round) {
        ASHLAR_CHECK(files_.remove(path_of(segments_.front().number)));
        segments_.pop_front();
        dropped = true;
    }
    return dropped ? files_.sync_folder(folder_) : Expected<void>{};
}

}  // namespace ashlar::validator
