// What arrives, entry by entry: whole objects are hashed and checked, deltas are noted down.
#pragma once

#include <vector>

#include "git/pack/delta_forest.h"
#include "git/pack/object_findings.h"
#include "git/pack/pack_limits.h"
#include "git/pack/pack_scanner.h"

namespace ashlar::git {

class ReceivedEntries : public PackScanSink {
  public:
    explicit ReceivedEntries(const PackLimits& limits);

    Expected<void> begin_pack(const PackHeader& header) override;
    Expected<Handling> begin_entry(const ScannedEntry& entry) override;
    Expected<void> piece(ByteView content) override;
    Expected<void> end_entry(const ScannedEntry& entry, ByteView content) override;

    Expected<void> count_inflated(std::uint64_t bytes);

    std::vector<ReceivedEntry> entries;  // by offset
    std::vector<ReferenceDelta> reference_deltas;
    ObjectFindings findings;
    std::uint64_t inflated_bytes = 0;
    // What resolving any one delta has to hold: the largest delta, and the largest object that one
    // builds on or makes, as the deltas claim.
    std::uint64_t largest_delta = 0;
    std::uint64_t largest_in_family = 0;

  private:
    Expected<void> begin_object(const ScannedEntry& scanned);
    Expected<void> begin_delta(const ScannedEntry& scanned);
    Expected<void> end_object(ByteView content);
    Expected<void> end_delta(ByteView content);
    Expected<std::uint32_t> find_base(const ScannedEntry& scanned) const;

    PackLimits limits_;
    Handling handling_ = Handling::whole;
    crypto::Sha1 hash_;  // of an object that comes in pieces
    Bytes delta_start_;  // of a delta that comes in pieces
};

}  // namespace ashlar::git
