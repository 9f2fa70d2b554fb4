// KeyValue on a machine that fails as its plan says. It knows what was synced: a crash loses what
// was not, or keeps a prefix of it that the plan's seed picks, and never a part of one commit.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "support/fault_plan.h"
#include "support/memory_key_value.h"

namespace ashlar::support {

class FaultyKeyValue : public KeyValue {
  public:
    explicit FaultyKeyValue(std::shared_ptr<FaultPlan> plan);

    Expected<std::optional<Bytes>> get(ByteView key) const override;
    Expected<void> scan(ByteView from, ByteView to, const Visitor& visit) const override;
    std::unique_ptr<KeyValueReader> snapshot() const override;
    // `unavailable` where the plan says so: a failed commit may still be there after a crash.
    Expected<void> commit(const WriteBatch& batch, Durability durability) override;

    // Commits that a crash would lose, or a part of them.
    std::size_t unsynced_count() const {
        const std::lock_guard lock(mutex_);
        return unsynced_.size();
    }
    // What a process that starts again finds. Nothing may read meanwhile.
    void crash();

  private:
    std::shared_ptr<FaultPlan> plan_;
    mutable std::mutex mutex_;  // orders commits
    MemoryKeyValue durable_;
    std::vector<WriteBatch> unsynced_;
    std::unique_ptr<MemoryKeyValue> live_;
};

}  // namespace ashlar::support
