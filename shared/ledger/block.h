// A block, as the ledger sees it: a header, and transactions that are bytes here.
//
// The header is what validators sign and what a reader trusts: it commits to the transactions, and
// to the state after them. The view a block was proposed in is not part of it, for that belongs to
// the proposal (consensus); so one block can be proposed again in a later view.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "ledger/ids.h"

namespace ashlar::ledger {

// Raised whenever headers, transactions, records or trees change in a way that an older validator
// would judge differently. A block of another version is refused.
inline constexpr std::uint32_t kFormatVersion = 1;

// What one block may hold. One transaction always fits into an empty block.
inline constexpr std::size_t kTransactionBytesMax = std::size_t{24} << 20;
inline constexpr std::size_t kBlockBytesMax = std::size_t{32} << 20;
inline constexpr std::size_t kTransactionsPerBlockMax = 8192;

struct BlockHeader {
    std::uint32_t format_version = kFormatVersion;
    ChainId chain;
    Epoch epoch;
    Height height;
    BlockDigest parent;
    std::uint64_t time_ms = 0;  // since 1970, UTC; strictly above the parent's
    std::uint32_t transaction_count = 0;
    crypto::Digest transactions_root;  // ledger/transaction_tree.h, over the transactions' bytes
    crypto::Digest state_root;         // after the block
    // In the last block of an epoch only: the digest of the set that decides the next epoch.
    std::optional<crypto::Digest> next_validators;

    friend bool operator==(const BlockHeader&, const BlockHeader&) = default;
};

struct Block {
    BlockHeader header;
    std::vector<Bytes> transactions;  // each the canonical encoding of a forge::Transaction

    friend bool operator==(const Block&, const Block&) = default;
};

}  // namespace ashlar::ledger
