// KeyValue in memory: every commit is at once as durable as this store ever gets. It keeps the
// versions of a key that a living snapshot can still see, and no others.
#pragma once

#include <cstddef>
#include <memory>

#include "base/key_value.h"

namespace ashlar::support {

class MemoryKeyValue : public KeyValue {
  public:
    MemoryKeyValue();
    ~MemoryKeyValue() override;

    Expected<std::optional<Bytes>> get(ByteView key) const override;
    Expected<void> scan(ByteView from, ByteView to, const Visitor& visit) const override;
    std::unique_ptr<KeyValueReader> snapshot() const override;
    Expected<void> commit(const WriteBatch& batch, Durability durability) override;

    // Keys that have a value now.
    std::size_t key_count() const;

  private:
    struct Versions;
    class Snapshot;
    std::shared_ptr<Versions> versions_;
};

}  // namespace ashlar::support
