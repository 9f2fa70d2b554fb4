#include "chain/snapshot.h"

#include <array>

#include "chain/block_rows.h"
#include "codec/block.h"
#include "codec/certificate.h"
#include "codec/genesis.h"
#include "codec/record_paths.h"
#include "codec/record_state.h"
#include "codec/records.h"
#include "ledger/storage_keys.h"
#include "ledger/transaction_tree.h"

namespace ashlar::chain {

namespace {

using ledger::storage_key;
namespace prefix = ledger::storage_prefix;

// Node-local row: a snapshot is being written.
constexpr std::string_view kMarkKey = "nsnapshot";
// Rows that are written, or removed, together.
constexpr std::size_t kFlushBytes = std::size_t{4} << 20;
constexpr std::size_t kRemovedTogetherMax = 10'000;

// In the order of their keys.
constexpr std::array<std::string_view, 3> kPrefixes = {prefix::kRepositoryPack, prefix::kRef,
                                                       prefix::kState};
// What one state leaves that another must not find; blocks stay what they are.
constexpr std::array<std::string_view, 5> kReplaced = {
    prefix::kRepositoryPack, prefix::kRef, prefix::kState, prefix::kRefTree, prefix::kStateTree};

Unexpected not_of_the_snapshot(const std::string& why) {
    return fail(ErrorCode::invalid, "a row of the snapshot: " + why);
}

bool begins_with(ByteView key, std::string_view start) {
    return key.size() >= start.size() && as_text(key.first(start.size())) == start;
}

Expected<void> remove_below(KeyValue& rows, std::string_view key_prefix) {
    while (true) {
        WriteBatch batch;
        ASHLAR_CHECK(rows.scan_prefix(as_bytes(key_prefix), [&](ByteView key, ByteView) {
            batch.remove(key);
            return batch.operations().size() < kRemovedTogetherMax;
        }));
        if (batch.empty()) return {};
        ASHLAR_CHECK(rows.commit(batch, Durability::buffered));
    }
}

// One range, from the cursor on. Whether the visitor wants more.
Expected<bool> scan_range(const KeyValueReader& rows, Bytes from, const Bytes& to,
                          const SnapshotCursor& cursor, const KeyValueReader::Visitor& visit) {
    bool more = true;
    if (from < cursor.from) from = cursor.from;
    if (!to.empty() && !(from < to)) return more;
    ASHLAR_CHECK(rows.scan(from, to, [&](ByteView key, ByteView value) {
        const bool goes_on = to_bytes(key) == cursor.from;
        const std::uint64_t offset = goes_on ? cursor.value_offset : 0;
        if (offset > value.size()) return true;
        more = visit(key, value.subspan(static_cast<std::size_t>(offset)));
        return more;
    }));
    return more;
}

}  // namespace

Expected<FinalizedHeader> certified_head(const KeyValueReader& rows) {
    ASHLAR_TRY(const ledger::Height height, read_head(rows));
    if (height.value == 0) return fail(ErrorCode::not_found, "only the genesis is final");
    FinalizedHeader finalized;
    ASHLAR_TRY(finalized.header, read_header(rows, height));
    ASHLAR_TRY(auto certificate, read_finalization(rows, height));
    if (!certificate) {
        return fail(ErrorCode::unavailable, "the head has no certificate of its own yet");
    }
    finalized.finalization = *std::move(certificate);
    return finalized;
}

Expected<void> scan_snapshot(const KeyValueReader& rows, ledger::Height height,
                             const SnapshotCursor& cursor, const KeyValueReader::Visitor& visit) {
    const Bytes block = storage_key(prefix::kBlock, height.value);
    ASHLAR_TRY(bool more, scan_range(rows, block, end_of_prefix(block), cursor, visit));
    for (const std::string_view key_prefix : kPrefixes) {
        if (!more) return {};
        ASHLAR_TRY(more, scan_range(rows, to_bytes(key_prefix), end_of_prefix(as_bytes(key_prefix)),
                                    cursor, visit));
    }
    return {};
}

Expected<bool> holds_partial_snapshot(const KeyValueReader& rows) {
    ASHLAR_TRY(const auto mark, rows.get(as_bytes(kMarkKey)));
    return mark.has_value();
}

Expected<void> begin_snapshot(KeyValue& rows) {
    WriteBatch batch;
    batch.put(as_bytes(kMarkKey), {});
    batch.remove(storage_key(prefix::kMeta, kHeadName));
    return rows.commit(batch, Durability::synced);
}

SnapshotWriter::SnapshotWriter(KeyValue& rows, const forge::Genesis& genesis,
                               FinalizedHeader finalized)
    : rows_(rows), genesis_(genesis), finalized_(std::move(finalized)) {}

Expected<std::unique_ptr<SnapshotWriter>> SnapshotWriter::start(KeyValue& rows,
                                                                const forge::Genesis& genesis,
                                                                FinalizedHeader finalized) {
    ASHLAR_CHECK(begin_snapshot(rows));
    for (const std::string_view key_prefix : kReplaced) {
        ASHLAR_CHECK(remove_below(rows, key_prefix));
    }
    std::unique_ptr<SnapshotWriter> writer(new SnapshotWriter(rows, genesis, std::move(finalized)));
    ASHLAR_CHECK(writer->flush());
    return writer;
}

Expected<void> SnapshotWriter::add(ByteView key, Bytes value) {
    if (!last_key_.empty() && !(last_key_ < to_bytes(key))) {
        return not_of_the_snapshot("keys do not ascend");
    }
    last_key_ = to_bytes(key);
    bytes_ += key.size() + value.size();
    if (bytes_ > kSnapshotBytesMax) {
        return fail(ErrorCode::limit_exceeded,
                    "a snapshot of more than " + std::to_string(kSnapshotBytesMax) + " bytes");
    }
    if (begins_with(key, prefix::kState)) {
        ASHLAR_CHECK(add_record(as_text(key.subspan(prefix::kState.size())), value));
    } else if (begins_with(key, prefix::kRef)) {
        ASHLAR_CHECK(add_ref(key, value));
    } else if (begins_with(key, prefix::kRepositoryPack)) {
        ASHLAR_CHECK(add_pack(key, value));
    } else {
        return add_block(key, value);
    }
    overlay_->put(key, value);
    waiting_bytes_ += key.size() + value.size();
    return waiting_bytes_ < kFlushBytes ? Expected<void>() : flush();
}

Expected<void> SnapshotWriter::keep_header(const FinalizedHeader& finalized) {
    WriteBatch batch;
    const auto put = [&batch](const ledger::BlockHeader& header) {
        batch.put(storage_key(prefix::kHeader, header.height.value), codec::encode(header));
    };
    put(finalized.header);
    for (const ledger::BlockHeader& header : finalized.descendants) put(header);
    const ledger::BlockHeader& last =
        finalized.descendants.empty() ? finalized.header : finalized.descendants.back();
    batch.put(storage_key(prefix::kCertificate, last.height.value),
              codec::encode(finalized.finalization));
    return rows_.commit(batch, Durability::buffered);
}

Expected<void> SnapshotWriter::add_record(std::string_view path, const Bytes& value) {
    state_updates_.push_back({ledger::tree_key(ledger::TreeKind::state, as_bytes(path)),
                              ledger::tree_value(ledger::TreeKind::state, value)});
    return {};
}

Expected<void> SnapshotWriter::add_ref(ByteView key, const Bytes& value) {
    const std::size_t name_at = storage_key(prefix::kRef, std::uint64_t{0}).size();
    if (key.size() <= name_at) return not_of_the_snapshot("a ref without a name");
    const forge::RepositoryId repository(read_big_endian_64(key.subspan(prefix::kRef.size())));
    const std::string_view name = as_text(key.subspan(name_at));
    if (const auto ref = codec::decode_ref_value(name, value); !ref) {
        return not_of_the_snapshot(ref.error().detail);
    }
    if (repository != ref_repository_) ASHLAR_CHECK(flush_refs());
    ref_repository_ = repository;
    repositories_named_.insert(repository);
    ref_updates_.push_back(
        {ledger::tree_key(ledger::TreeKind::refs, codec::ref_tree_name(repository, name)),
         ledger::tree_value(ledger::TreeKind::refs, value)});
    return {};
}

Expected<void> SnapshotWriter::add_pack(ByteView key, const Bytes& value) {
    if (key.size() != prefix::kRepositoryPack.size() + 2 * sizeof(std::uint64_t)) {
        return not_of_the_snapshot("a pack out of its place");
    }
    repositories_named_.insert(
        forge::RepositoryId(read_big_endian_64(key.subspan(prefix::kRepositoryPack.size()))));
    const auto pack = codec::decode_pack_reference(value);
    return pack ? Expected<void>() : Expected<void>(not_of_the_snapshot(pack.error().detail));
}

Expected<void> SnapshotWriter::add_block(ByteView key, const Bytes& value) {
    if (to_bytes(key) != storage_key(prefix::kBlock, finalized_.header.height.value)) {
        return not_of_the_snapshot("of another kind");
    }
    const auto transactions = codec::decode_transactions(value);
    if (!transactions) return not_of_the_snapshot(transactions.error().detail);
    if (ledger::transactions_root(*transactions) != finalized_.header.transactions_root) {
        return not_of_the_snapshot("transactions of another block");
    }
    transactions_ = *transactions;
    return {};
}

Expected<void> SnapshotWriter::flush_refs() {
    if (ref_updates_.empty()) return {};
    const auto updates = std::move(ref_updates_);
    ref_updates_.clear();
    const auto root = ledger::update_tree(ledger::TreeKind::refs,
                                          storage_key(prefix::kRefTree, ref_repository_.value),
                                          *overlay_, updates);
    return root ? Expected<void>() : Expected<void>(Unexpected(root.error()));
}

// What waits goes to the store, with the trees over it.
Expected<void> SnapshotWriter::flush() {
    if (overlay_) {
        ASHLAR_CHECK(flush_refs());
        const auto root = ledger::update_tree(ledger::TreeKind::state, as_bytes(prefix::kStateTree),
                                              *overlay_, state_updates_);
        if (!root) return Unexpected(root.error());
        state_updates_.clear();
        ASHLAR_CHECK(rows_.commit(overlay_->write_batch(), Durability::buffered));
    }
    waiting_bytes_ = 0;
    // Not owned: the store outlives the writer.
    overlay_ = std::make_unique<ledger::Overlay>(
        std::shared_ptr<const KeyValueReader>(std::shared_ptr<void>(), &rows_));
    return {};
}

Expected<void> SnapshotWriter::check_repository(const forge::Repository& repository) {
    ASHLAR_TRY(const auto root,
               ledger::root_of_tree(ledger::TreeKind::refs,
                                    storage_key(prefix::kRefTree, repository.id.value), rows_));
    repositories_named_.erase(repository.id);
    if (root == repository.refs_root) return {};
    return fail(ErrorCode::invalid, "the snapshot's refs of repository " +
                                        std::to_string(repository.id.value) +
                                        " are not those that its record names");
}

Expected<void> SnapshotWriter::check() {
    ASHLAR_CHECK(flush());
    if (!transactions_) return fail(ErrorCode::invalid, "the snapshot lacks its block");
    ASHLAR_TRY(const auto root,
               ledger::root_of_tree(ledger::TreeKind::state, as_bytes(prefix::kStateTree), rows_));
    if (root != finalized_.header.state_root) {
        return fail(ErrorCode::invalid, "the snapshot's records are not the state that block " +
                                            std::to_string(finalized_.header.height.value) +
                                            " names");
    }
    Expected<void> checked;
    ASHLAR_CHECK(rows_.scan_prefix(
        storage_key(prefix::kState, codec::kRepositoryPrefix), [&](ByteView, ByteView value) {
            const auto repository = codec::decode_repository(value);
            checked = repository ? check_repository(*repository)
                                 : Expected<void>(Unexpected(repository.error()));
            return checked.has_value();
        }));
    ASHLAR_CHECK(checked);
    if (repositories_named_.empty()) return {};
    return fail(ErrorCode::invalid,
                "the snapshot has refs or packs of a repository that does not exist");
}

Expected<void> SnapshotWriter::finish() {
    WriteBatch batch;
    const ledger::BlockDigest digest = codec::digest_of(finalized_.header);
    put_block(batch, {finalized_.header, transactions_.value_or(std::vector<Bytes>{})}, digest);
    batch.put(storage_key(prefix::kCertificate, finalized_.header.height.value),
              codec::encode(finalized_.finalization));
    batch.put(storage_key(prefix::kMeta, kGenesisName), codec::encode(genesis_));
    batch.remove(as_bytes(kMarkKey));
    return rows_.commit(batch, Durability::synced);
}

}  // namespace ashlar::chain
