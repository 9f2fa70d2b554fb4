#include "support/faulty_key_value.h"

#include <utility>

#include "base/assert.h"

namespace ashlar::support {
namespace {

std::unique_ptr<MemoryKeyValue> copy_of(const KeyValue& store) {
    WriteBatch rows;
    ASHLAR_ASSERT(store.scan({}, {}, [&rows](ByteView key, ByteView value) {
        rows.put(key, value);
        return true;
    }));
    auto copy = std::make_unique<MemoryKeyValue>();
    ASHLAR_ASSERT(copy->commit(rows, Durability::buffered));
    return copy;
}

}  // namespace

FaultyKeyValue::FaultyKeyValue(std::shared_ptr<FaultPlan> plan)
    : plan_(std::move(plan)), live_(std::make_unique<MemoryKeyValue>()) {}

Expected<std::optional<Bytes>> FaultyKeyValue::get(ByteView key) const {
    return live_->get(key);
}

Expected<void> FaultyKeyValue::scan(ByteView from, ByteView to, const Visitor& visit) const {
    return live_->scan(from, to, visit);
}

std::unique_ptr<KeyValueReader> FaultyKeyValue::snapshot() const {
    return live_->snapshot();
}

Expected<void> FaultyKeyValue::commit(const WriteBatch& batch, Durability durability) {
    const std::lock_guard lock(mutex_);
    switch (plan_->next()) {
        case Fate::passes:
            break;
        case Fate::full:
            return fail(ErrorCode::unavailable, "the disk is full (injected)");
        case Fate::stopped:
            return fail(ErrorCode::unavailable, "the machine has stopped (injected)");
        case Fate::fails:
        case Fate::crashes:
            // In doubt: the log may hold it.
            unsynced_.push_back(batch);
            return fail(ErrorCode::unavailable, "the write failed (injected)");
    }
    ASHLAR_CHECK(live_->commit(batch, durability));
    unsynced_.push_back(batch);
    if (durability == Durability::buffered) return {};
    for (const WriteBatch& written : unsynced_) ASHLAR_CHECK(durable_.commit(written, durability));
    unsynced_.clear();
    return {};
}

void FaultyKeyValue::crash() {
    const std::lock_guard lock(mutex_);
    const auto kept = static_cast<std::size_t>(plan_->random_below(unsynced_.size() + 1));
    for (std::size_t i = 0; i < kept; ++i) {
        ASHLAR_ASSERT(durable_.commit(unsynced_[i], Durability::synced));
    }
    unsynced_.clear();
    live_ = copy_of(durable_);
}

}  // namespace ashlar::support
