// The ledger that simulated validators agree on: numbered transactions, some of which name a pack.
#pragma once

#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "consensus/block_format.h"
#include "consensus/validator_set.h"

namespace ashlar::simulation {

using consensus::BlockDigest;
using consensus::Epoch;
using consensus::Height;
using consensus::ValidatorSet;
using crypto::Digest;

using TransactionNumber = std::uint64_t;

// Every so many transactions one names a pack of its own number.
constexpr TransactionNumber kTransactionsPerPack = 8;
inline bool names_pack(TransactionNumber number) {
    return number % kTransactionsPerPack == 0;
}

struct ToyBlock {
    Epoch epoch;
    Height height;
    BlockDigest parent;
    std::uint64_t salt = 0;  // makes two blocks of one content differ
    Digest next_validators;
    Digest state_root;
    std::vector<TransactionNumber> transactions;

    Bytes encode() const;
    static Expected<ToyBlock> decode(ByteView bytes);
};

class ToyFormat final : public consensus::BlockFormat {
  public:
    Expected<consensus::BlockSummary> summarize(ByteView block) const override;
};

Digest state_after(const Digest& before, const std::vector<TransactionNumber>& transactions);

// The blocks that one validator ran, on top of what is final.
class ToyState {
  public:
    explicit ToyState(const BlockDigest& genesis);

    // Whether the block is right: its parent was run, no transaction comes twice, the root fits.
    bool check(const BlockDigest& digest, const ToyBlock& block);
    // Takes the block for run, whatever it says: what a liar does with its own.
    void trust(const BlockDigest& digest, const ToyBlock& block);
    bool knows(const BlockDigest& digest) const { return root_of(digest) != nullptr; }
    // The root of the state after these on the parent, which was run.
    Digest root_on(const BlockDigest& parent,
                   const std::vector<TransactionNumber>& transactions) const;
    // A block on the parent, which was run, with what of the pool is not in its chain.
    ToyBlock build(const BlockDigest& parent, const std::vector<TransactionNumber>& pool) const;
    // The block is final, and is run if it was not.
    void finalize(const BlockDigest& digest, const ToyBlock& block);
    bool is_applied(TransactionNumber number) const { return applied_.count(number) != 0; }
    const Digest& root() const { return final_root_; }
    // Whether the transaction is in the chain that ends with the block.
    bool contains(const BlockDigest& tip, TransactionNumber number) const;

  private:
    struct Run {
        BlockDigest parent;
        Height height;
        Digest root;
        std::vector<TransactionNumber> transactions;
    };
    const Digest* root_of(const BlockDigest& digest) const;
    bool duplicates(const BlockDigest& parent, const std::vector<TransactionNumber>& list) const;

    BlockDigest final_;
    Height final_height_;
    Digest final_root_;
    std::unordered_set<TransactionNumber> applied_;
    std::unordered_map<BlockDigest, Run> runs_;
};

}  // namespace ashlar::simulation
