// Runs blocks: the one place where transactions become state. A validator runs a block before it
// votes for it, and commits what came of it when it is final.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "forge/transaction.h"
#include "ledger/block.h"
#include "ledger/overlay.h"

namespace ashlar::chain {

// A block and the state after it, on which the next one is built. The rows are an overlay for a
// block that is not final, or a reader of the store for the last final one.
struct ChainTip {
    ledger::BlockHeader header;
    ledger::BlockDigest digest;
    std::shared_ptr<const KeyValueReader> rows;
};

struct ExecutedBlock {
    ledger::Block block;
    ledger::BlockDigest digest;
    std::vector<ledger::TransactionId> transaction_ids;
    std::vector<forge::TransactionResult> results;  // one for each transaction
    std::vector<forge::PackReference> packs;        // that the block's transactions name
    // What the block changed; reads through to its parent's rows. Once the parent is committed,
    // rows->set_parent() is given the store.
    std::shared_ptr<ledger::Overlay> rows;

    ChainTip tip() const { return {block.header, digest, rows}; }
};

// A transaction that waits to be put into a block.
struct PendingTransaction {
    ledger::TransactionId id;
    Bytes encoded;  // codec::encode(SignedTransaction)
    // Under which its signature is known to be good, where admit() has found so.
    std::optional<crypto::PublicKey> checked_key;
};

struct BuiltBlock {
    ExecutedBlock executed;
    // Those that can be in no block on this parent (expired, seen before, not well signed), each
    // with the reason; they are to be dropped from what waits.
    std::vector<std::pair<ledger::TransactionId, Error>> dropped;
    // Whether some were left for the next block, because this one is full.
    bool full = false;
};

// Transactions whose signatures were checked before.
class CheckedTransactions {
  public:
    virtual ~CheckedTransactions() = default;
    // The key that has signed exactly these bytes; nothing where that is not known.
    virtual std::optional<crypto::PublicKey> key_of(ByteView encoded) const = 0;
};

struct ExecutorLimits {
    std::size_t block_bytes_max = ledger::kBlockBytesMax;
    std::size_t transactions_max = ledger::kTransactionsPerBlockMax;
};

class BlockExecutor {
  public:
    explicit BlockExecutor(ledger::ChainId chain, ExecutorLimits limits = {});

    // A block of what waits, in that order, as far as it fits. The time is the leader's clock; the
    // block's is never below the parent's time + 1 ms. A transaction that the rules refuse is in
    // the block all the same, so that its author learns of it on any validator.
    Expected<BuiltBlock> build(const ChainTip& parent,
                               const std::vector<PendingTransaction>& waiting,
                               std::uint64_t time_ms) const;

    // Runs a block that somebody else built. Fails with `invalid` where the block may not follow
    // this parent (chain, version, epoch, height, parent, time, counts, a root, the next
    // validators, a transaction that is expired, seen before, badly signed or not canonical); such
    // a block gets no vote. A block whose time is more than kClockSkewMaxMs beyond `now_ms` fails
    // with `unavailable`: it may be good later. Blocks known to be final are checked with `now_ms`
    // at its largest. The signatures of what is `checked` (null: nothing) are not checked again.
    Expected<ExecutedBlock> check(const ChainTip& parent, ledger::Block block, std::uint64_t now_ms,
                                  const CheckedTransactions* checked = nullptr) const;

    // Whether a transaction may go into what waits: it decodes, is for this chain, well signed,
    // not expired nor expiring too late, and not in the state already. Fails with `invalid`,
    // `unauthenticated`, `already_exists` or `limit_exceeded`.
    Expected<PendingTransaction> admit(const ChainTip& tip, Bytes encoded,
                                       std::uint64_t now_ms) const;

  private:
    ledger::ChainId chain_;
    ExecutorLimits limits_;
};

// How far ahead of a validator's clock a block's time may be.
inline constexpr std::uint64_t kClockSkewMaxMs = 5000;

}  // namespace ashlar::chain
