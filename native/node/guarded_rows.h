// The rows, written by one at a time: the orderer commits blocks through this, and housekeeping
// changes what is the node's own (which packs a repository lies in) between two blocks, on what it
// then finds.
#pragma once

#include <functional>
#include <mutex>

#include "base/key_value.h"

namespace ashlar::node {

class GuardedRows final : public KeyValue {
  public:
    // The store must outlive this.
    explicit GuardedRows(KeyValue& rows) : rows_(rows) {}

    Expected<std::optional<Bytes>> get(ByteView key) const override { return rows_.get(key); }
    Expected<std::vector<std::optional<Bytes>>> multi_get(
        const std::vector<Bytes>& keys) const override {
        return rows_.multi_get(keys);
    }
    Expected<void> scan(ByteView from, ByteView to, const Visitor& visit) const override {
        return rows_.scan(from, to, visit);
    }
    std::unique_ptr<KeyValueReader> snapshot() const override { return rows_.snapshot(); }
    Expected<void> commit(const WriteBatch& batch, Durability durability) override {
        const std::lock_guard lock(mutex_);
        return rows_.commit(batch, durability);
    }

    // Commits, synced, what `decide` makes of the rows as they are; nothing where that is empty.
    // Whether anything was committed. No block is committed meanwhile.
    using Decide = std::function<Expected<WriteBatch>(const KeyValueReader& rows)>;
    Expected<bool> commit_between_blocks(const Decide& decide) {
        const std::lock_guard lock(mutex_);
        ASHLAR_TRY(const WriteBatch batch, decide(rows_));
        if (batch.empty()) return false;
        ASHLAR_CHECK(rows_.commit(batch, Durability::synced));
        return true;
    }

  private:
    KeyValue& rows_;
    std::mutex mutex_;
};

}  // namespace ashlar::node
