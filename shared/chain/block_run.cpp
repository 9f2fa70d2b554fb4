#include "chain/block_run.h"

#include <algorithm>

#include "chain/voters.h"
#include "codec/block.h"
#include "codec/record_paths.h"
#include "forge/rules.h"
#include "forge/validators.h"
#include "ledger/storage_keys.h"
#include "ledger/transaction_tree.h"

namespace ashlar::chain {

namespace {

// What one block forgets at most; more than one block can add, so that nothing piles up.
constexpr std::size_t kForgottenPerBlockMax = 2 * ledger::kTransactionsPerBlockMax;

// The key that has to have signed.
Expected<crypto::PublicKey> signer_of(const codec::RecordState& state,
                                      const forge::Transaction& transaction) {
    if (const auto* attested = std::get_if<forge::AttestedByValidator>(&transaction.authorship)) {
        ASHLAR_TRY(const forge::ValidatorSet set, state.validators());
        for (const forge::Validator& validator : set.validators) {
            if (validator.key == attested->validator) return validator.key;
        }
        return fail(ErrorCode::unauthenticated, "attested by " + attested->validator.hex() +
                                                    ", which is no validator of this epoch");
    }
    ASHLAR_TRY(const auto account, state.account(transaction.author));
    if (!account || !account->key) {
        return fail(ErrorCode::unauthenticated, "the author has no key to sign with");
    }
    return *account->key;
}

Expected<void> check_expiry(const codec::RecordState& state, std::uint64_t time_ms,
                            std::uint64_t expires_ms) {
    if (expires_ms <= time_ms) {
        return fail(ErrorCode::invalid, "transaction has expired at " + std::to_string(expires_ms) +
                                            ", it is " + std::to_string(time_ms));
    }
    ASHLAR_TRY(const forge::Settings settings, state.settings());
    if (expires_ms - time_ms > settings.transaction_lifetime_max_ms) {
        return fail(ErrorCode::invalid, "transaction expires later than in " +
                                            std::to_string(settings.transaction_lifetime_max_ms) +
                                            " ms");
    }
    return {};
}

codec::TransactionRecord record_of(const forge::TransactionResult& result, ledger::Height height,
                                   std::size_t index) {
    codec::TransactionRecord record;
    record.height = height;
    record.index = static_cast<std::uint32_t>(index);
    if (result.refusal) {
        record.refusal = static_cast<std::uint8_t>(1 + static_cast<int>(result.refusal->code));
    }
    record.refused_refs = static_cast<std::uint32_t>(
        std::count_if(result.refs.begin(), result.refs.end(),
                      [](const forge::RefResult& ref) { return ref.refusal.has_value(); }));
    return record;
}

}  // namespace

ledger::Epoch epoch_after(const ledger::BlockHeader& parent) {
    return parent.next_validators ? parent.epoch.next() : parent.epoch;
}

Expected<Admissible> check_admissible(const KeyValueReader& rows, const ledger::ChainId& chain,
                                      std::uint64_t time_ms, ByteView encoded,
                                      const std::optional<crypto::PublicKey>& checked_key) {
    ASHLAR_TRY(codec::DecodedTransaction decoded, codec::decode_transaction(encoded));
    const forge::Transaction& transaction = decoded.signed_transaction.transaction;
    if (transaction.chain != chain) {
        return fail(ErrorCode::invalid, "transaction is for network " + transaction.chain.hex());
    }
    const codec::RecordState state(rows);
    ASHLAR_CHECK(check_expiry(state, time_ms, transaction.expires_ms));
    ASHLAR_TRY(const auto seen, state.transaction(transaction.expires_ms, decoded.id));
    if (seen) {
        return fail(ErrorCode::already_exists, "transaction " + decoded.id.hex() +
                                                   " is in the block at height " +
                                                   std::to_string(seen->height.value));
    }
    ASHLAR_TRY(const crypto::PublicKey signer, signer_of(state, transaction));
    if (checked_key != signer &&
        !crypto::verify(signer, decoded.signing_bytes, decoded.signed_transaction.signature)) {
        return fail(ErrorCode::unauthenticated, "transaction's signature does not verify");
    }
    return Admissible{std::move(decoded), signer};
}

Expected<BlockRun> BlockRun::start(const ChainTip& parent, std::uint64_t time_ms) {
    BlockRun run(std::make_shared<ledger::Overlay>(parent.rows), parent.header.height.next(),
                 time_ms);
    ASHLAR_CHECK(run.forget_expired());
    return run;
}

Expected<void> BlockRun::forget_expired() {
    namespace prefix = ledger::storage_prefix;
    std::vector<std::string> expired;
    ASHLAR_CHECK(
        rows_->scan(ledger::storage_key(prefix::kState, codec::kTransactionPrefix),
                    ledger::storage_key(prefix::kState, codec::transaction_prefix(time_ms_ + 1)),
                    [&](ByteView key, ByteView) {
                        expired.emplace_back(as_text(key.subspan(prefix::kState.size())));
                        return expired.size() < kForgottenPerBlockMax;
                    }));
    for (const std::string& path : expired) writer_.remove_record(path);
    return {};
}

Expected<void> BlockRun::add(const Admissible& admissible, Bytes encoded) {
    const forge::Transaction& transaction = admissible.decoded.signed_transaction.transaction;
    ASHLAR_TRY(forge::Outcome outcome,
               forge::apply(codec::RecordState(*rows_), time_ms_, transaction));
    ASHLAR_CHECK(writer_.apply(outcome.changes));
    for (const forge::Change& change : outcome.changes) {
        if (const auto* attach = std::get_if<forge::AttachPack>(&change)) {
            executed_.packs.push_back(attach->pack);
        }
    }
    const codec::TransactionRecord record =
        record_of(outcome.result, height_, executed_.results.size());
    writer_.put_record(codec::transaction_path(transaction.expires_ms, admissible.decoded.id),
                       codec::encode(record));
    executed_.transaction_ids.push_back(admissible.decoded.id);
    executed_.results.push_back(std::move(outcome.result));
    executed_.block.transactions.push_back(std::move(encoded));
    return {};
}

// Validators that the block's transactions decided take office after it. Where their keys are
// others, the block ends its epoch.
Expected<void> BlockRun::change_validators() {
    const codec::RecordState state(*rows_);
    ASHLAR_TRY(const auto next, state.next_validators());
    if (!next) return {};
    ASHLAR_TRY(const forge::ValidatorSet current, state.validators());
    ledger::BlockHeader& header = executed_.block.header;
    if (current.epoch != header.epoch) {
        return fail(ErrorCode::corrupt, "the state's validators are of epoch " +
                                            std::to_string(current.epoch.value) + " in epoch " +
                                            std::to_string(header.epoch.value));
    }
    writer_.remove_record(codec::kNextValidatorsPath);
    writer_.put_record(codec::kValidatorsPath, codec::encode(*next));
    if (forge::have_same_keys(current, *next)) return {};
    writer_.put_record(codec::epoch_path(current.epoch),
                       codec::encode(forge::ClosedEpoch{current, height_}));
    ASHLAR_TRY(const consensus::ValidatorSet voters, voters_of(*next));
    header.next_validators = voters.digest();
    return {};
}

Expected<ExecutedBlock> BlockRun::finish(const ledger::ChainId& chain, const ChainTip& parent) {
    ledger::BlockHeader& header = executed_.block.header;
    header.chain = chain;
    header.epoch = epoch_after(parent.header);
    header.height = height_;
    header.parent = parent.digest;
    header.time_ms = time_ms_;
    header.transaction_count = static_cast<std::uint32_t>(executed_.block.transactions.size());
    header.transactions_root = ledger::transactions_root(executed_.block.transactions);
    ASHLAR_CHECK(change_validators());
    ASHLAR_TRY(header.state_root, writer_.finish());
    executed_.digest = codec::digest_of(header);
    executed_.rows = rows_;
    return std::move(executed_);
}

}  // namespace ashlar::chain
