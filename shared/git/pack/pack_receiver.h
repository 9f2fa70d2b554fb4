// Receives a pack from outside, in pieces of any size, with bounded memory whatever its size.
//
// While bytes arrive they go to the staging, and every entry is inflated at once: whole objects are
// hashed (with collision detection) and checked there and then, of deltas only the size is taken.
// finish() checks the trailer and the count, resolves the deltas family by family, completes a thin
// pack by appending the bases it lacks, and checks what deltas gave. Nothing here publishes: the
// caller does that when the new tips are connected, and drops the staging otherwise.
//
// Errors: `invalid` where the pack is malformed or an object breaks a rule, `limit_exceeded` where
// a limit is hit (the detail names it), `not_found` where the base of a delta is nowhere; and what
// the staging and the source of bases give. After an error every call fails with it.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/memory_budget.h"
#include "base/task_runner.h"
#include "git/object/object_source.h"
#include "git/pack/object_findings.h"
#include "git/pack/pack_index.h"
#include "git/pack/pack_limits.h"
#include "git/pack/pack_store.h"

namespace ashlar::git {

struct ReceiveProgress {
    enum class Phase : std::uint8_t { receiving, resolving };
    Phase phase = Phase::receiving;
    std::uint64_t done = 0;   // objects received, deltas resolved
    std::uint64_t total = 0;  // of these
    std::uint64_t bytes = 0;  // of the pack so far
};

inline constexpr std::size_t kUnreferencedCountMax = 10'000;

struct ReceivedPack {
    std::uint32_t object_count = 0;    // in the staging, appended bases included
    std::uint32_t appended_count = 0;  // bases that completed a thin pack
    std::uint64_t pack_size = 0;
    std::uint64_t inflated_bytes = 0;
    crypto::Sha1Digest checksum{};          // the trailer, of the completed pack
    Bytes index;                            // pack_index.h; to be published with the pack
    std::array<std::uint32_t, 5> counts{};  // by ObjectType's value
    // What the pack's objects name and the pack does not hold, ascending by id: connected is what
    // has all of these. Each has the type that it must be.
    std::vector<ObjectReference> boundary;
    // What nothing in the pack names, ascending, the first kUnreferencedCountMax; bases that
    // completed it aside. Where each of these is a new tip, the tips reach the whole pack.
    std::vector<ObjectId> unreferenced;
    std::uint64_t unreferenced_count = 0;
    // "object <id>: zeroPaddedFilemode: ...", the first kWarningCountMax.
    std::vector<std::string> warnings;
    std::uint64_t warning_count = 0;
};

class PackReceiver {
  public:
    struct Options {
        PackLimits limits;
        // Called now and then, from the thread that calls write() or finish().
        std::function<void(const ReceiveProgress&)> progress;
        // Where deltas are resolved; nothing means here. Not owned.
        TaskRunner* runner = nullptr;
        // Shared with others who receive: of it comes what resolving deltas may hold, at most
        // limits.delta_memory_max. Nothing means that it is all for this one. Not owned.
        MemoryBudget* memory = nullptr;
    };

    // The staging is empty, and outlives the receiver. Bases that a thin pack lacks are read from
    // `thin_bases` (only what the pusher may read; null: a thin pack is refused).
    PackReceiver(PackStaging& staging, ObjectSource* thin_bases, Options options);
    ~PackReceiver();
    PackReceiver(const PackReceiver&) = delete;
    PackReceiver& operator=(const PackReceiver&) = delete;

    // The next bytes of the pack. Bytes after its trailer are refused.
    Expected<void> write(ByteView bytes);
    // Whether the trailer has been read: for transports that do not tell where a pack ends.
    bool complete() const;
    // The pack has ended.
    Expected<ReceivedPack> finish();

  private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

// The received pack as if it were stored already, so that connectivity and rules can be checked
// before it is published. Both must outlive what is returned.
std::shared_ptr<const StoredPack> view_staged_pack(const PackStaging& staging,
                                                   const ReceivedPack& received);

}  // namespace ashlar::git
