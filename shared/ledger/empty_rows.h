// Rows of which there are none: what genesis is written over.
#pragma once

#include "base/key_value.h"

namespace ashlar::ledger {

class EmptyRows final : public KeyValueReader {
  public:
    Expected<std::optional<Bytes>> get(ByteView) const override { return std::nullopt; }
    Expected<void> scan(ByteView, ByteView, const Visitor&) const override { return {}; }
};

}  // namespace ashlar::ledger
