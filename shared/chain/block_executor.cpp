#include "chain/block_executor.h"

#include <algorithm>

#include "chain/block_run.h"
#include "forge/rules.h"
#include "ledger/transaction_tree.h"

namespace ashlar::chain {

namespace {

std::size_t bytes_of(const std::vector<Bytes>& transactions) {
    std::size_t sum = 0;
    for (const Bytes& transaction : transactions) sum += transaction.size();
    return sum;
}

Unexpected bad_block(const ledger::BlockHeader& header, const std::string& why) {
    return fail(ErrorCode::invalid,
                "block at height " + std::to_string(header.height.value) + ": " + why);
}

// What can be seen without running the block.
Expected<void> check_header(const ledger::BlockHeader& header, const ChainTip& parent,
                            const ledger::ChainId& chain) {
    if (header.format_version != ledger::kFormatVersion) {
        return bad_block(header, "has format version " + std::to_string(header.format_version));
    }
    if (header.chain != chain) return bad_block(header, "is of network " + header.chain.hex());
    if (header.parent != parent.digest) return bad_block(header, "has another parent");
    if (header.height != parent.header.height.next())
        return bad_block(header, "has a wrong height");
    if (header.epoch != epoch_after(parent.header)) return bad_block(header, "has a wrong epoch");
    if (header.time_ms <= parent.header.time_ms) {
        return bad_block(header, "is not later than its parent");
    }
    return {};
}

Expected<void> check_transactions(const ledger::Block& block, const ExecutorLimits& limits) {
    const ledger::BlockHeader& header = block.header;
    if (header.transaction_count != block.transactions.size()) {
        return bad_block(header, "counts its transactions wrongly");
    }
    if (block.transactions.size() > limits.transactions_max ||
        bytes_of(block.transactions) > limits.block_bytes_max) {
        return bad_block(header, "holds more than a block may");
    }
    if (header.transactions_root != ledger::transactions_root(block.transactions)) {
        return bad_block(header, "has a wrong transactions root");
    }
    return {};
}

}  // namespace

BlockExecutor::BlockExecutor(ledger::ChainId chain, ExecutorLimits limits)
    : chain_(chain), limits_(limits) {}

Expected<BuiltBlock> BlockExecutor::build(const ChainTip& parent,
                                          const std::vector<PendingTransaction>& waiting,
                                          std::uint64_t time_ms) const {
    const std::uint64_t block_time_ms = std::max(time_ms, parent.header.time_ms + 1);
    ASHLAR_TRY(BlockRun run, BlockRun::start(parent, block_time_ms));
    BuiltBlock built;
    std::size_t bytes = 0;
    std::size_t count = 0;
    for (const PendingTransaction& pending : waiting) {
        if (count == limits_.transactions_max ||
            bytes + pending.encoded.size() > limits_.block_bytes_max) {
            built.full = true;
            break;
        }
        const auto admissible = check_admissible(run.rows(), chain_, block_time_ms, pending.encoded,
                                                 pending.checked_key);
        if (!admissible) {
            if (!forge::is_refusal(admissible.error().code)) {
                return Unexpected(admissible.error());
            }
            built.dropped.emplace_back(pending.id, admissible.error());
            continue;
        }
        ASHLAR_CHECK(run.add(*admissible, pending.encoded));
        bytes += pending.encoded.size();
        ++count;
    }
    ASHLAR_TRY(built.executed, run.finish(chain_, parent));
    return built;
}

Expected<ExecutedBlock> BlockExecutor::check(const ChainTip& parent, ledger::Block block,
                                             std::uint64_t now_ms,
                                             const CheckedTransactions* checked) const {
    const ledger::BlockHeader& header = block.header;
    ASHLAR_CHECK(check_header(header, parent, chain_));
    if (header.time_ms > now_ms && header.time_ms - now_ms > kClockSkewMaxMs) {
        return fail(ErrorCode::unavailable, "block at height " +
                                                std::to_string(header.height.value) +
                                                ": is of a time that has not come");
    }
    ASHLAR_CHECK(check_transactions(block, limits_));
    ASHLAR_TRY(BlockRun run, BlockRun::start(parent, header.time_ms));
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const Bytes& transaction = block.transactions[i];
        const auto key = checked == nullptr ? std::nullopt : checked->key_of(transaction);
        const auto admissible =
            check_admissible(run.rows(), chain_, header.time_ms, transaction, key);
        if (!admissible) {
            if (!forge::is_refusal(admissible.error().code)) {
                return Unexpected(admissible.error());
            }
            return bad_block(
                header, "transaction " + std::to_string(i) + ": " + admissible.error().message());
        }
        ASHLAR_CHECK(run.add(*admissible, std::move(block.transactions[i])));
    }
    ASHLAR_TRY(ExecutedBlock executed, run.finish(chain_, parent));
    if (executed.block.header.next_validators != header.next_validators) {
        return bad_block(header, header.next_validators
                                     ? "names other next validators than its transactions decided"
                                     : "does not name the next validators");
    }
    if (executed.block.header.state_root != header.state_root) {
        return bad_block(header, "has a wrong state root");
    }
    if (executed.block.header != header) return bad_block(header, "has a header of another form");
    return executed;
}

Expected<PendingTransaction> BlockExecutor::admit(const ChainTip& tip, Bytes encoded,
                                                  std::uint64_t now_ms) const {
    if (encoded.size() > limits_.block_bytes_max) {
        return fail(ErrorCode::limit_exceeded, "transaction is larger than a block");
    }
    const std::uint64_t time_ms = std::max(now_ms, tip.header.time_ms + 1);
    ASHLAR_TRY(Admissible admissible,
               check_admissible(*tip.rows, chain_, time_ms, encoded, std::nullopt));
    return PendingTransaction{admissible.decoded.id, std::move(encoded), admissible.signer};
}

}  // namespace ashlar::chain
