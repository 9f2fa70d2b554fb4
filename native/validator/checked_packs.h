// The packs that are stored here, with what receiving them found out; and how one that comes from
// another validator gets in: every object is checked and the index is made here, whoever sent it.
//
// All methods may be called from any thread.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/memory_budget.h"
#include "chain/push_check.h"
#include "forge/records.h"
#include "git/pack/pack_receiver.h"

namespace ashlar::validator {

// What findings of packs may take up in memory; those of others are found again when needed.
inline constexpr std::size_t kFindingsBytesMax = std::size_t{32} << 20;
// Packs from this size on are finished one at a time, for resolving deltas takes memory.
inline constexpr std::uint64_t kLargeIntakeBytes = std::uint64_t{8} << 20;

struct KnownPack {
    forge::PackReference reference;
    chain::PackFindings findings;
};

class CheckedPacks {
  public:
    // Null where the pack is not stored; otherwise it is not swept away for as long as what is
    // given lives, and for a while after that.
    using Held = std::shared_ptr<const void>;
    using Hold = std::function<Expected<Held>(const git::PackDigest&)>;

    // The store must outlive this, and so must the memory that all who receive packs share; null:
    // each may take what the limits allow.
    CheckedPacks(git::PackStore& packs, Hold hold, const git::PackLimits& limits,
                 MemoryBudget* memory = nullptr);

    Expected<Held> hold(const git::PackDigest& digest) { return hold_(digest); }
    Expected<std::shared_ptr<const git::StoredPack>> open(const git::PackDigest& digest) {
        return packs_.open(digest);
    }
    const git::PackLimits& limits() const { return limits_; }

    // Of a stored pack; one of which nothing is kept in memory is received once more.
    Expected<std::shared_ptr<const KnownPack>> known(const git::PackDigest& digest);
    std::shared_ptr<const KnownPack> remember(const forge::PackReference& reference,
                                              chain::PackFindings findings);

  private:
    friend class PackIntake;
    Expected<std::shared_ptr<const KnownPack>> receive_again(const git::PackDigest& digest);

    git::PackStore& packs_;
    const Hold hold_;
    const git::PackLimits limits_;
    MemoryBudget* const memory_;
    std::mutex large_mutex_;
    std::mutex mutex_;
    std::list<std::shared_ptr<const KnownPack>> entries_;  // most recently used first
    std::unordered_map<git::PackDigest, std::list<std::shared_ptr<const KnownPack>>::iterator>
        by_digest_;
    std::size_t bytes_ = 0;
};

// A pack that is coming from another validator. One thread at a time; what is not finished is
// discarded.
class PackIntake {
  public:
    // A thin pack is completed from `bases`; null: it is refused.
    PackIntake(CheckedPacks& checked_packs, std::unique_ptr<git::ObjectSource> bases);

    // Fail as PackReceiver does.
    Expected<void> write(ByteView bytes);
    // Makes the pack durable. Whether it is the one that was named, its reference says.
    Expected<std::shared_ptr<const KnownPack>> finish();

  private:
    CheckedPacks& checked_packs_;
    std::unique_ptr<git::ObjectSource> bases_;
    std::unique_ptr<git::PackStaging> staging_;
    std::unique_ptr<git::PackReceiver> receiver_;
};

}  // namespace ashlar::validator
