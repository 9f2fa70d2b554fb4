#include "support/memory_key_value.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <utility>

namespace ashlar::support {
namespace {

struct Version {
    std::uint64_t number = 0;
    std::optional<Bytes> value;
};

// What a reader at version `number` sees.
const std::optional<Bytes>* visible(const std::vector<Version>& history, std::uint64_t number) {
    for (auto version = history.rbegin(); version != history.rend(); ++version) {
        if (version->number <= number) return &version->value;
    }
    return nullptr;
}

}  // namespace

struct MemoryKeyValue::Versions {
    mutable std::mutex mutex;
    std::map<Bytes, std::vector<Version>> keys;
    std::multiset<std::uint64_t> snapshots;
    std::uint64_t last = 0;

    // Drops what neither a living snapshot nor a new reader can see.
    void prune(std::vector<Version>& history) const {
        const std::uint64_t oldest = snapshots.empty() ? last : *snapshots.begin();
        auto keep = history.begin();
        for (auto version = history.begin(); version != history.end(); ++version) {
            if (version->number <= oldest) keep = version;
        }
        history.erase(history.begin(), keep);
    }
};

class MemoryKeyValue::Snapshot : public KeyValueReader {
  public:
    explicit Snapshot(std::shared_ptr<Versions> versions) : versions_(std::move(versions)) {
        const std::lock_guard lock(versions_->mutex);
        number_ = versions_->last;
        versions_->snapshots.insert(number_);
    }
    ~Snapshot() override {
        const std::lock_guard lock(versions_->mutex);
        versions_->snapshots.erase(versions_->snapshots.find(number_));
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    Expected<std::optional<Bytes>> get(ByteView key) const override {
        const std::lock_guard lock(versions_->mutex);
        const auto found = versions_->keys.find(to_bytes(key));
        if (found == versions_->keys.end()) return std::optional<Bytes>{};
        const auto* value = visible(found->second, number_);
        return value != nullptr ? *value : std::optional<Bytes>{};
    }

    Expected<void> scan(ByteView from, ByteView to, const Visitor& visit) const override {
        const Bytes end = to_bytes(to);
        for (auto pair = seek(to_bytes(from), end); pair; pair = after(pair->first, end)) {
            if (!visit(pair->first, pair->second)) break;
        }
        return {};
    }

  private:
    using Pair = std::pair<Bytes, Bytes>;

    std::optional<Pair> after(Bytes key, const Bytes& end) const {
        key.push_back(0);
        return seek(key, end);
    }

    // The lock is not held while the caller visits, so that a visitor may read and commit.
    std::optional<Pair> seek(const Bytes& from, const Bytes& end) const {
        const std::lock_guard lock(versions_->mutex);
        for (auto at = versions_->keys.lower_bound(from); at != versions_->keys.end(); ++at) {
            if (!end.empty() && at->first >= end) return std::nullopt;
            const auto* value = visible(at->second, number_);
            if (value != nullptr && *value) return Pair{at->first, **value};
        }
        return std::nullopt;
    }

    std::shared_ptr<Versions> versions_;
    std::uint64_t number_ = 0;
};

MemoryKeyValue::MemoryKeyValue() : versions_(std::make_shared<Versions>()) {}
MemoryKeyValue::~MemoryKeyValue() = default;

Expected<std::optional<Bytes>> MemoryKeyValue::get(ByteView key) const {
    const std::lock_guard lock(versions_->mutex);
    const auto found = versions_->keys.find(to_bytes(key));
    if (found == versions_->keys.end()) return std::optional<Bytes>{};
    return found->second.back().value;
}

Expected<void> MemoryKeyValue::scan(ByteView from, ByteView to, const Visitor& visit) const {
    return Snapshot(versions_).scan(from, to, visit);
}

std::unique_ptr<KeyValueReader> MemoryKeyValue::snapshot() const {
    return std::make_unique<Snapshot>(versions_);
}

Expected<void> MemoryKeyValue::commit(const WriteBatch& batch, Durability /*durability*/) {
    const std::lock_guard lock(versions_->mutex);
    const std::uint64_t number = ++versions_->last;
    for (const WriteBatch::Operation& operation : batch.operations()) {
        auto& history = versions_->keys[operation.key];
        if (!history.empty() && history.back().number == number) history.pop_back();
        history.push_back({number, operation.value});
        versions_->prune(history);
        if (history.size() == 1 && !history.back().value) versions_->keys.erase(operation.key);
    }
    return {};
}

std::size_t MemoryKeyValue::key_count() const {
    const std::lock_guard lock(versions_->mutex);
    return static_cast<std::size_t>(
        std::count_if(versions_->keys.begin(), versions_->keys.end(),
                      [](const auto& entry) { return entry.second.back().value.has_value(); }));
}

}  // namespace ashlar::support
