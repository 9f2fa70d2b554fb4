// Takes a pack apart as it arrives, in pieces of any size: framing, inflating and checksums. What
// the entries mean is the sink's to say.
#pragma once

#include <array>

#include "crypto/sha1.h"
#include "git/pack/inflate.h"
#include "git/pack/pack_entry.h"
#include "git/pack/pack_limits.h"

namespace ashlar::git {

struct ScannedEntry {
    PackEntryHeader header;
    std::uint64_t offset = 0;  // in the pack
    std::uint64_t length = 0;  // as stored, header and deflated bytes; 0 until the end is known
    std::uint32_t crc32 = 0;   // of these
};

class PackScanSink {
  public:
    enum class Handling { whole, pieces };

    virtual ~PackScanSink() = default;
    virtual Expected<void> begin_pack(const PackHeader& header) = 0;
    // How the entry's content is wanted. Limits are checked here, before anything is inflated.
    virtual Expected<Handling> begin_entry(const ScannedEntry& entry) = 0;
    virtual Expected<void> piece(ByteView content) = 0;
    // The content is empty where it came in pieces.
    virtual Expected<void> end_entry(const ScannedEntry& entry, ByteView content) = 0;
};

class PackScanner {
  public:
    explicit PackScanner(PackScanSink& sink);

    // Takes the next bytes. `stored` becomes those that are to be kept (header and entries up to
    // where the scan got; a view that is valid until the next call); the trailer is not among them.
    // Fails with `invalid`, or as the sink does.
    Expected<void> write(ByteView bytes, ByteView& stored);

    // Whether all of the pack has come, trailer included.
    bool complete() const { return stage_ == Stage::ended; }
    std::uint32_t object_count() const { return header_.object_count; }
    std::uint32_t scanned_count() const { return scanned_count_; }
    // Bytes of header and entries so far.
    std::uint64_t size() const { return position_; }
    // The checksum of header and entries, once complete; it has been compared with the trailer.
    const crypto::Sha1Digest& checksum() const { return checksum_; }

  private:
    enum class Stage { header, entry_header, content, trailer, ended };

    // Each takes bytes off the view; false where more of them are needed.
    Expected<bool> step(ByteView& rest);
    Expected<bool> take_header(ByteView& rest);
    Expected<bool> take_entry_header(ByteView& rest);
    Expected<bool> take_content(ByteView& rest);
    Expected<bool> take_whole_content(ByteView& rest);
    Expected<bool> take_content_piece(ByteView& rest);
    Expected<bool> take_trailer(ByteView& rest);
    Expected<void> end_entry(ByteView content);
    void consume(ByteView& rest, std::size_t length);
    Unexpected broken_entry(const Error& error) const;

    PackScanSink& sink_;
    Stage stage_ = Stage::header;
    PackHeader header_;
    std::uint32_t scanned_count_ = 0;
    std::uint64_t position_ = 0;
    crypto::Sha1 hash_;
    crypto::Sha1Digest checksum_{};

    Bytes joined_;     // what was left over, and the bytes behind it
    Bytes left_over_;  // less than one entry's header, or a part of the trailer

    ScannedEntry entry_;
    PackScanSink::Handling handling_ = PackScanSink::Handling::whole;
    bool streaming_ = false;      // the entry's content comes through streamed_
    std::uint64_t inflated_ = 0;  // bytes of its content so far
    Bytes content_;
    WholeInflater whole_;
    StreamInflater streamed_;
};

}  // namespace ashlar::git
