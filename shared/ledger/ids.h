// The ids and counters that order the ledger. They are types, so that a height never stands where a
// view belongs.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>

#include "base/strong_id.h"
#include "crypto/digest.h"

namespace ashlar::ledger {

// How many blocks came before; genesis is height 0 and has no block.
using Height = StrongId<struct HeightTag>;
// The time during which one validator set decides. Starts at 0.
using Epoch = StrongId<struct EpochTag>;
// One leader's turn within an epoch. The first is 1; view 0 is genesis, certified by itself.
using View = StrongId<struct ViewTag>;

struct Round {
    Epoch epoch;
    View view;
    friend constexpr bool operator==(const Round&, const Round&) = default;
    friend constexpr std::strong_ordering operator<=>(const Round&, const Round&) = default;
};

// A network: the digest of its genesis. Everything that is signed carries it.
struct ChainId {
    crypto::Digest digest;
    std::string hex() const { return digest.hex(); }
    friend bool operator==(const ChainId&, const ChainId&) = default;
    friend std::strong_ordering operator<=>(const ChainId&, const ChainId&) = default;
};

// A block: the digest of its header's canonical encoding. The parent of the first block is the
// digest of the genesis header (chain/genesis.h).
struct BlockDigest {
    crypto::Digest digest;
    ByteView view() const { return digest.view(); }
    std::string hex() const { return digest.hex(); }
    friend bool operator==(const BlockDigest&, const BlockDigest&) = default;
    friend std::strong_ordering operator<=>(const BlockDigest&, const BlockDigest&) = default;
};

// What a transaction is called: the digest of what its author signed, without the signature.
struct TransactionId {
    crypto::Digest digest;
    ByteView view() const { return digest.view(); }
    std::string hex() const { return digest.hex(); }
    friend bool operator==(const TransactionId&, const TransactionId&) = default;
    friend std::strong_ordering operator<=>(const TransactionId&, const TransactionId&) = default;
};

}  // namespace ashlar::ledger

template <>
struct std::hash<ashlar::ledger::BlockDigest> {
    std::size_t operator()(const ashlar::ledger::BlockDigest& digest) const noexcept {
        return std::hash<ashlar::crypto::Digest>{}(digest.digest);
    }
};

template <>
struct std::hash<ashlar::ledger::TransactionId> {
    std::size_t operator()(const ashlar::ledger::TransactionId& id) const noexcept {
        return std::hash<ashlar::crypto::Digest>{}(id.digest);
    }
};
