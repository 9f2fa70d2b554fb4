// The engine's journal on disk: what this validator voted, and the certificates and blocks that its
// votes stood on. Losing a vote that was sent could make the validator contradict itself, so damage
// is told apart from a write that a crash cut short, and is never passed over.
//
// The log is a row of files (segments), each made full of zeros and synced first, so that a sync
// later writes nothing but the records. All that was appended since the last sync is written and
// synced at once. Formats are in vote_journal.cpp.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "consensus/record.h"
#include "native/storage/file_system.h"

namespace ashlar::validator {

inline constexpr std::size_t kSegmentBytes = std::size_t{4} << 20;

class VoteJournal {
  public:
    // An empty journal. Made once, with the validator's key: a validator that finds none later may
    // have voted before (consensus::Settings::journal_lost). Fails with `already_exists`.
    static Expected<std::unique_ptr<VoteJournal>> create(storage::FileSystem& files,
                                                         const std::string& folder,
                                                         const ledger::ChainId& chain);
    // Fails with `not_found` where there is none, with `corrupt` where a record that was durable is
    // damaged or the journal is another network's. The file system must outlive the journal.
    static Expected<std::unique_ptr<VoteJournal>> open(storage::FileSystem& files,
                                                       const std::string& folder,
                                                       const ledger::ChainId& chain);

    // What open() found, in order. Once.
    std::vector<consensus::Record> take_records() { return std::move(records_); }

    // Kept in memory until sync().
    void append(const consensus::Record& record);
    // All that was appended is durable when this returns. After a failure what is on the disk is in
    // doubt: the process ends.
    Expected<void> sync();
    // Removes the segments that hold nothing later than this round.
    Expected<void> drop_through(const consensus::Round& round);

    std::size_t segment_count() const { return segments_.size(); }

  private:
    struct Segment {
        std::uint64_t number = 0;
        std::size_t end = 0;  // of its records
        consensus::Round newest;
    };
    VoteJournal(storage::FileSystem& files, std::string folder, const ledger::ChainId& chain)
        : files_(files), folder_(std::move(folder)), chain_(chain) {}

    std::string path_of(std::uint64_t number) const;
    Expected<void> start_segment(std::size_t bytes_needed);
    Expected<void> restore();
    // Nothing where the segment was not finished being made.
    Expected<std::optional<Segment>> read_header(std::uint64_t number, ByteView bytes);
    Expected<void> read_records(Segment& segment, ByteView bytes, std::size_t must_reach);

    storage::FileSystem& files_;
    const std::string folder_;
    const ledger::ChainId chain_;
    std::vector<consensus::Record> records_;

    struct Waiting {
        Bytes bytes;
        consensus::Round round;
    };
    std::vector<Waiting> waiting_;
    std::deque<Segment> segments_;  // the last one is written to
    std::unique_ptr<storage::WritableFile> file_;
    std::size_t capacity_ = 0;
};

}  // namespace ashlar::validator
