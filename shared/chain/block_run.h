// One run of a block's transactions over its parent's state. Private to chain.
#pragma once

#include "chain/block_executor.h"
#include "codec/record_state.h"
#include "codec/transaction.h"

namespace ashlar::chain {

// A transaction that may be in the block.
struct Admissible {
    codec::DecodedTransaction decoded;
    crypto::PublicKey signer;
};

// Checks what does not depend on the rules: chain, expiry, whether it was seen before, signature.
// The signature is not checked again where it is known to be good under `checked_key`.
// Fails with `invalid`, `unauthenticated`, `already_exists`; or as the rows' reader fails.
Expected<Admissible> check_admissible(const KeyValueReader& rows, const ledger::ChainId& chain,
                                      std::uint64_t time_ms, ByteView encoded,
                                      const std::optional<crypto::PublicKey>& checked_key);

class BlockRun {
  public:
    // Forgets the transactions that have expired by the block's time.
    static Expected<BlockRun> start(const ChainTip& parent, std::uint64_t time_ms);

    const KeyValueReader& rows() const { return *rows_; }
    // Runs one transaction; fails only where the state cannot be read.
    Expected<void> add(const Admissible& transaction, Bytes encoded);
    // The block of what was added: its header fits the parent and its roots are computed.
    Expected<ExecutedBlock> finish(const ledger::ChainId& chain, const ChainTip& parent);

  private:
    BlockRun(std::shared_ptr<ledger::Overlay> rows, ledger::Height height, std::uint64_t time_ms)
        : rows_(std::move(rows)), writer_(*rows_), height_(height), time_ms_(time_ms) {}

    Expected<void> forget_expired();
    Expected<void> change_validators();

    std::shared_ptr<ledger::Overlay> rows_;
    codec::RecordWriter writer_;
    ledger::Height height_;
    std::uint64_t time_ms_ = 0;
    ExecutedBlock executed_;
};

// The epoch that decides the block after this one.
ledger::Epoch epoch_after(const ledger::BlockHeader& parent);

}  // namespace ashlar::chain
