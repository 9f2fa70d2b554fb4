// Rows that are written but not stored: what a block did that is executed and not final.
//
// An overlay reads through to its parent, which is another overlay (the block before) or the stored
// rows. When the block is final its changes are committed as one batch, and the overlay above it is
// given the store as its new parent; so a chain of overlays is as long as what is not final.
#pragma once

#include <map>
#include <memory>

#include "base/key_value.h"

namespace ashlar::ledger {

class Overlay final : public KeyValueReader {
  public:
    explicit Overlay(std::shared_ptr<const KeyValueReader> parent);

    void put(ByteView key, ByteView value);
    void remove(ByteView key);
    // Takes over another overlay's changes (one whose parent is this one).
    void absorb(const Overlay& changes);

    Expected<std::optional<Bytes>> get(ByteView key) const override;
    Expected<void> scan(ByteView from, ByteView to, const Visitor& visit) const override;

    // All changes, in key order.
    WriteBatch write_batch() const;
    std::size_t change_count() const { return changes_.size(); }
    bool empty() const { return changes_.empty(); }

    // Reads through to another parent from now on, one that holds the same rows.
    void set_parent(std::shared_ptr<const KeyValueReader> parent);

  private:
    std::shared_ptr<const KeyValueReader> parent_;
    std::map<Bytes, std::optional<Bytes>> changes_;  // nothing: the key is removed
};

}  // namespace ashlar::ledger
