// A KeyValue that somebody else owns: what survives the process under test.
#pragma once

#include "base/key_value.h"

namespace ashlar::support {

class BorrowedKeyValue final : public KeyValue {
  public:
    // The store must outlive this.
    explicit BorrowedKeyValue(KeyValue& store) : store_(store) {}

    Expected<std::optional<Bytes>> get(ByteView key) const override { return store_.get(key); }
    Expected<void> scan(ByteView from, ByteView to, const Visitor& visit) const override {
        return store_.scan(from, to, visit);
    }
    std::unique_ptr<KeyValueReader> snapshot() const override { return store_.snapshot(); }
    Expected<void> commit(const WriteBatch& batch, Durability durability) override {
        return store_.commit(batch, durability);
    }

  private:
    KeyValue& store_;
};

}  // namespace ashlar::support
