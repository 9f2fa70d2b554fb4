// The blocks that were run here and are not committed: what is built, checked and final stands on
// the state of the last committed block, each as an overlay over the one before.
//
// Owned by one thread. The store may hold the next blocks already before committed() says so: an
// overlay over rows that hold its changes reads the same.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <unordered_set>

#include "chain/block_executor.h"
#include "native/validator/pack_gate.h"

namespace ashlar::validator {

struct PendingBlock {
    std::shared_ptr<chain::ExecutedBlock> executed;
    bool packs_stored = false;  // all that it names is durable here, and kept
    KeptPacks kept;             // by this, until the block is committed or left behind
};

class PendingBlocks {
  public:
    // The store outlives this. The base's rows are the store's.
    PendingBlocks(const KeyValue& store, chain::ChainTip base);

    const chain::ChainTip& base() const { return base_; }
    PendingBlock* find(const ledger::BlockDigest& digest);
    PendingBlock& add(chain::ExecutedBlock executed);
    // What a block on this one is run over; nothing where its state is not known here.
    std::optional<chain::ChainTip> tip_of(const ledger::BlockDigest& digest) const;

    using Ids = std::unordered_set<ledger::TransactionId>;
    // Of all blocks after the base up to this one, as far as they are known.
    Ids transactions_up_to(const ledger::BlockDigest& digest) const;
    // The state after a block, as it will stay: for another thread to read.
    std::shared_ptr<const KeyValueReader> frozen_rows(const ledger::BlockDigest& digest) const;

    // The store holds this block now. Those that do not follow it are forgotten.
    void committed(const chain::ExecutedBlock& block);
    std::size_t size() const { return blocks_.size(); }

  private:
    using Path = std::vector<const chain::ExecutedBlock*>;
    Path path_to(const ledger::BlockDigest& digest) const;  // newest first

    const KeyValue& store_;
    std::shared_ptr<const KeyValueReader> rows_;  // the store, not owned
    chain::ChainTip base_;
    std::map<ledger::BlockDigest, PendingBlock> blocks_;
};

}  // namespace ashlar::validator
