#include "ledger/overlay.h"

#include "base/assert.h"

namespace ashlar::ledger {

Overlay::Overlay(std::shared_ptr<const KeyValueReader> parent) : parent_(std::move(parent)) {
    ASHLAR_ASSERT(parent_ != nullptr);
}

void Overlay::put(ByteView key, ByteView value) {
    changes_.insert_or_assign(to_bytes(key), to_bytes(value));
}

void Overlay::remove(ByteView key) {
    changes_.insert_or_assign(to_bytes(key), std::nullopt);
}

void Overlay::absorb(const Overlay& changes) {
    for (const auto& [key, value] : changes.changes_) changes_.insert_or_assign(key, value);
}

Expected<std::optional<Bytes>> Overlay::get(ByteView key) const {
    const auto found = changes_.find(to_bytes(key));
    if (found != changes_.end()) return found->second;
    return parent_->get(key);
}

Expected<void> Overlay::scan(ByteView from, ByteView to, const Visitor& visit) const {
    const Bytes first = to_bytes(from);
    const Bytes end = to_bytes(to);
    if (!end.empty() && end <= first) return {};
    auto change = changes_.lower_bound(first);
    const auto last = end.empty() ? changes_.end() : changes_.lower_bound(end);
    bool wanted = true;
    // Shows the changes whose keys come before `key`; all that are left where there is none.
    const auto show_changes_before = [&](const Bytes* key) {
        while (wanted && change != last && (key == nullptr || change->first < *key)) {
            if (change->second) wanted = visit(change->first, *change->second);
            ++change;
        }
    };
    ASHLAR_CHECK(parent_->scan(from, to, [&](ByteView key, ByteView value) {
        const Bytes parent_key = to_bytes(key);
        show_changes_before(&parent_key);
        if (!wanted) return false;
        if (change != last && change->first == parent_key) {
            if (change->second) wanted = visit(key, *change->second);
            ++change;
        } else {
            wanted = visit(key, value);
        }
        return wanted;
    }));
    show_changes_before(nullptr);
    return {};
}

WriteBatch Overlay::write_batch() const {
    WriteBatch batch;
    for (const auto& [key, value] : changes_) {
        if (value) {
            batch.put(key, *value);
        } else {
            batch.remove(key);
        }
    }
    return batch;
}

void Overlay::set_parent(std::shared_ptr<const KeyValueReader> parent) {
    ASHLAR_ASSERT(parent != nullptr);
    parent_ = std::move(parent);
}

}  // namespace ashlar::ledger
