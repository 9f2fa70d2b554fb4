// The root over a block's transactions, in their order, as RFC 9162 (Certificate Transparency)
// builds it: so that one transaction is proven to be in a block by log2(count) hashes.
#pragma once

#include <cstdint>
#include <vector>

#include "crypto/digest.h"

namespace ashlar::ledger {

// Of no transactions: 32 zero bytes.
crypto::Digest transactions_root(const std::vector<Bytes>& transactions);

// The hashes beside the way from the transaction at `index` to the root.
std::vector<crypto::Digest> prove_transaction(const std::vector<Bytes>& transactions,
                                              std::uint32_t index);

// Fails with `invalid` unless the block with this root and count has this transaction at `index`.
Expected<void> verify_transaction(const crypto::Digest& root, std::uint32_t count,
                                  std::uint32_t index, ByteView transaction,
                                  const std::vector<crypto::Digest>& proof);

}  // namespace ashlar::ledger
