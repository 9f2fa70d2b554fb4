// The inside of PackReceiver. Three parts: ReceivedEntries takes what the scanner finds, resolving
// makes objects of deltas, completing makes pack and index whole.
#pragma once

#include <optional>

#include "git/pack/delta_family.h"
#include "git/pack/pack_receiver.h"
#include "git/pack/pack_scanner.h"
#include "git/pack/received_entries.h"

namespace ashlar::git {

class PackReception {
  public:
    PackReception(PackStaging& staging, ObjectSource* thin_bases, PackReceiver::Options options);

    Expected<void> write(ByteView bytes);
    bool complete() const { return scanner_.complete(); }
    Expected<ReceivedPack> finish();

  private:
    Expected<void> take(ByteView bytes);
    Expected<ReceivedPack> complete_pack();
    // All that takes memory for deltas, within one share of it.
    Expected<void> resolve_all(const DeltaForest& forest);

    Expected<void> resolve_deltas(const DeltaForest& forest);
    Expected<void> resolve_round(const DeltaForest& forest,
                                 const std::vector<std::uint32_t>& roots);
    Expected<void> resolve_roots(const DeltaForest& forest, std::span<const std::uint32_t> roots,
                                 std::uint64_t memory_max, ObjectFindings& findings,
                                 std::vector<ResolvedDelta>& resolved, std::uint64_t& work) const;
    Expected<void> take_resolved(const std::vector<ResolvedDelta>& resolved);

    Expected<void> complete_thin_pack(const DeltaForest& forest);
    Expected<bool> append_base(const ObjectId& id);
    Expected<void> append_to_pack(ByteView bytes, std::uint32_t& crc32);
    Expected<crypto::Sha1Digest> write_trailer();
    Expected<crypto::Sha1Digest> hash_completed_pack();

    Expected<Bytes> build_index(const DeltaForest& forest, const crypto::Sha1Digest& checksum);
    Expected<std::vector<ObjectReference>> find_boundary(ReceivedPack& received);
    Expected<void> find_unreferenced(const PackIndex& index, const std::vector<bool>& named,
                                     ReceivedPack& received) const;
    Expected<void> check_special_blobs(const ReceivedPack& received);
    void report(ReceiveProgress::Phase phase, std::uint64_t done, std::uint64_t total);

    PackStaging& staging_;
    ObjectSource* thin_bases_;
    PackReceiver::Options options_;
    SequentialRunner sequential_;
    TaskRunner& runner_;
    ReceivedEntries received_;
    PackScanner scanner_;
    std::optional<Error> failure_;
    std::uint64_t pack_end_ = 0;  // of the last entry
    std::uint32_t appended_count_ = 0;
    std::uint32_t delta_count_ = 0;
    std::uint32_t resolved_count_ = 0;  // of the deltas
    std::uint64_t work_bytes_ = 0;
    std::uint64_t delta_memory_ = 0;  // bytes that resolving may hold
    std::uint64_t delta_need_ = 0;    // what the resolving of any one delta takes at most
};

}  // namespace ashlar::git
