#include "codec/record_state.h"

#include "codec/record_paths.h"
#include "ledger/storage_keys.h"

namespace ashlar::codec {

namespace {

using ledger::storage_key;
namespace prefix = ledger::storage_prefix;

// What our own store holds was checked before it was written: if it does not decode, it is damaged.
template <typename Value>
Expected<Value> from_store(Expected<Value> decoded, std::string_view where) {
    if (decoded) return decoded;
    return fail(ErrorCode::corrupt, std::string(where) + ": " + decoded.error().detail);
}

template <typename Value>
Expected<std::optional<Value>> read_record(const KeyValueReader& rows, std::string_view path,
                                           Expected<Value> (*decode)(ByteView)) {
    ASHLAR_TRY(const auto bytes, rows.get(storage_key(prefix::kState, path)));
    if (!bytes) return std::nullopt;
    ASHLAR_TRY(Value value, from_store(decode(*bytes), path));
    return value;
}

template <typename Id>
Expected<std::optional<Id>> read_index(const KeyValueReader& rows, std::string_view path) {
    ASHLAR_TRY(const auto id, read_record<std::uint64_t>(rows, path, decode_id));
    if (!id) return std::nullopt;
    return Id(*id);
}

template <typename Value>
Expected<Value> read_required(const KeyValueReader& rows, std::string_view path,
                              Expected<Value> (*decode)(ByteView)) {
    ASHLAR_TRY(auto value, read_record<Value>(rows, path, decode));
    if (!value) return fail(ErrorCode::corrupt, std::string(path) + " is missing in the state");
    return *std::move(value);
}

}  // namespace

Expected<std::optional<forge::Account>> RecordState::account(forge::AccountId id) const {
    return read_record<forge::Account>(rows_, account_path(id), decode_account);
}

Expected<std::optional<forge::AccountId>> RecordState::find_account(std::string_view login) const {
    return read_index<forge::AccountId>(rows_, login_path(login));
}

Expected<std::optional<forge::Token>> RecordState::token(forge::TokenId id) const {
    return read_record<forge::Token>(rows_, token_path(id), decode_token);
}

Expected<std::optional<forge::TokenId>> RecordState::find_token(
    const crypto::Digest& secret_hash) const {
    return read_index<forge::TokenId>(rows_, secret_path(secret_hash));
}

Expected<std::optional<forge::SshKey>> RecordState::ssh_key(forge::SshKeyId id) const {
    return read_record<forge::SshKey>(rows_, ssh_key_path(id), decode_ssh_key);
}

Expected<std::optional<forge::SshKeyId>> RecordState::find_ssh_key(
    const crypto::PublicKey& key) const {
    return read_index<forge::SshKeyId>(rows_, ssh_public_key_path(key));
}

Expected<std::size_t> RecordState::count_ssh_keys(forge::AccountId account) const {
    std::size_t count = 0;
    ASHLAR_CHECK(rows_.scan_prefix(storage_key(prefix::kState, ssh_key_of_prefix(account)),
                                   [&count](ByteView, ByteView) {
                                       ++count;
                                       return true;
                                   }));
    return count;
}

Expected<std::optional<forge::Repository>> RecordState::repository(forge::RepositoryId id) const {
    return read_record<forge::Repository>(rows_, repository_path(id), decode_repository);
}

Expected<std::optional<forge::RepositoryId>> RecordState::find_repository(
    forge::AccountId owner, std::string_view name) const {
    return read_index<forge::RepositoryId>(rows_, name_path(owner, name));
}

Expected<forge::Counters> RecordState::counters() const {
    return read_required<forge::Counters>(rows_, kCountersPath, decode_counters);
}

Expected<forge::Settings> RecordState::settings() const {
    return read_required<forge::Settings>(rows_, kSettingsPath, decode_settings);
}

Expected<forge::ValidatorSet> RecordState::validators() const {
    return read_required<forge::ValidatorSet>(rows_, kValidatorsPath, decode_validator_set);
}

Expected<std::optional<forge::ValidatorSet>> RecordState::next_validators() const {
    return read_record<forge::ValidatorSet>(rows_, kNextValidatorsPath, decode_validator_set);
}

Expected<std::optional<forge::ClosedEpoch>> RecordState::closed_epoch(ledger::Epoch epoch) const {
    return read_record<forge::ClosedEpoch>(rows_, epoch_path(epoch), decode_closed_epoch);
}

Expected<std::optional<TransactionRecord>> RecordState::transaction(
    std::uint64_t expires_ms, const ledger::TransactionId& id) const {
    return read_record<TransactionRecord>(rows_, transaction_path(expires_ms, id),
                                          decode_transaction_record);
}

Expected<std::optional<git::Ref>> RecordState::ref(forge::RepositoryId repository,
                                                   std::string_view name) const {
    ASHLAR_TRY(const auto bytes, rows_.get(storage_key(prefix::kRef, repository.value, name)));
    if (!bytes) return std::nullopt;
    ASHLAR_TRY(git::Ref ref, from_store(decode_ref_value(name, *bytes), "ref row"));
    return ref;
}

Expected<void> RecordState::scan_refs(forge::RepositoryId repository, std::string_view name_prefix,
                                      const RefVisitor& visit) const {
    return scan_refs_after(repository, name_prefix, "", visit);
}

Expected<void> RecordState::scan_refs_after(forge::RepositoryId repository,
                                            std::string_view name_prefix, std::string_view after,
                                            const RefVisitor& visit) const {
    const std::size_t name_at = storage_key(prefix::kRef, repository.value).size();
    const Bytes first = storage_key(prefix::kRef, repository.value, name_prefix);
    Bytes from = first;
    if (after >= name_prefix) {
        // The smallest key above that of `after`.
        from = storage_key(prefix::kRef, repository.value, after);
        from.push_back(0);
    }
    Expected<void> result;
    ASHLAR_CHECK(rows_.scan(from, end_of_prefix(first), [&](ByteView key, ByteView value) {
        const auto ref = decode_ref_value(as_text(key.subspan(name_at)), value);
        if (!ref) {
            result = fail(ErrorCode::corrupt, "ref row: " + ref.error().detail);
            return false;
        }
        return visit(*ref);
    }));
    return result;
}

void RecordWriter::put_record(std::string_view path, ByteView record) {
    rows_.put(storage_key(prefix::kState, path), record);
    paths_.emplace(path);
}

void RecordWriter::remove_record(std::string_view path) {
    rows_.remove(storage_key(prefix::kState, path));
    paths_.emplace(path);
}

Expected<void> RecordWriter::apply(const std::vector<forge::Change>& changes) {
    for (const forge::Change& change : changes) {
        ASHLAR_CHECK(std::visit([this](const auto& one) { return apply(one); }, change));
    }
    return {};
}

Expected<void> RecordWriter::apply(const forge::PutAccount& change) {
    put_record(account_path(change.account.id), encode(change.account));
    put_record(login_path(change.account.login), encode_id(change.account.id.value));
    return {};
}

Expected<void> RecordWriter::apply(const forge::PutToken& change) {
    const forge::Token& token = change.token;
    put_record(token_path(token.id), encode(token));
    put_record(secret_path(token.secret_hash), encode_id(token.id.value));
    put_record(token_of_path(token.account, token.id), encode_id(token.id.value));
    return {};
}

Expected<void> RecordWriter::apply(const forge::PutSshKey& change) {
    const forge::SshKey& key = change.ssh_key;
    put_record(ssh_key_path(key.id), encode(key));
    put_record(ssh_key_of_path(key.account, key.id), encode_id(key.id.value));
    put_record(ssh_public_key_path(key.key), encode_id(key.id.value));
    return {};
}

Expected<void> RecordWriter::apply(const forge::RemoveSshKey& change) {
    const forge::SshKey& key = change.ssh_key;
    remove_record(ssh_key_path(key.id));
    remove_record(ssh_key_of_path(key.account, key.id));
    remove_record(ssh_public_key_path(key.key));
    return {};
}

Expected<void> RecordWriter::apply(const forge::PutRepository& change) {
    const forge::Repository& repository = change.repository;
    put_record(repository_path(repository.id), encode(repository));
    put_record(name_path(repository.owner, repository.name), encode_id(repository.id.value));
    return {};
}

Expected<void> RecordWriter::apply(const forge::RemoveRepository& change) {
    const forge::Repository& repository = change.repository;
    remove_record(repository_path(repository.id));
    remove_record(name_path(repository.owner, repository.name));
    refs_.erase(repository.id);
    std::vector<Bytes> keys;
    for (const std::string_view kind : {prefix::kRef, prefix::kRefTree, prefix::kRepositoryPack}) {
        ASHLAR_CHECK(
            rows_.scan_prefix(storage_key(kind, repository.id.value), [&](ByteView key, ByteView) {
                keys.push_back(to_bytes(key));
                return true;
            }));
    }
    for (const Bytes& key : keys) rows_.remove(key);
    return {};
}

Expected<void> RecordWriter::apply(const forge::PutRef& change) {
    rows_.put(storage_key(prefix::kRef, change.repository.value, change.ref.name),
              encode_ref_value(change.ref));
    refs_[change.repository].insert(change.ref.name);
    return {};
}

Expected<void> RecordWriter::apply(const forge::RemoveRef& change) {
    rows_.remove(storage_key(prefix::kRef, change.repository.value, change.name));
    refs_[change.repository].insert(change.name);
    return {};
}

Expected<void> RecordWriter::apply(const forge::AttachPack& change) {
    rows_.put(storage_key(prefix::kRepositoryPack, change.repository.value, change.sequence),
              encode(change.pack));
    return {};
}

Expected<void> RecordWriter::apply(const forge::PutCounters& change) {
    put_record(kCountersPath, encode(change.counters));
    return {};
}

Expected<void> RecordWriter::apply(const forge::PutNextValidators& change) {
    put_record(kNextValidatorsPath, encode(change.validators));
    return {};
}

Expected<void> RecordWriter::finish_refs(forge::RepositoryId repository,
                                         const std::set<std::string>& names) {
    std::vector<ledger::TreeUpdate> updates;
    updates.reserve(names.size());
    for (const std::string& name : names) {
        ASHLAR_TRY(const auto value, rows_.get(storage_key(prefix::kRef, repository.value, name)));
        ledger::TreeUpdate update;
        update.key = ledger::tree_key(ledger::TreeKind::refs, ref_tree_name(repository, name));
        if (value) update.value = ledger::tree_value(ledger::TreeKind::refs, *value);
        updates.push_back(update);
    }
    ASHLAR_TRY(
        const ledger::TreeRoot root,
        ledger::update_tree(ledger::TreeKind::refs, storage_key(prefix::kRefTree, repository.value),
                            rows_, updates));
    ASHLAR_TRY(auto record, RecordState(rows_).repository(repository));
    if (!record) return fail(ErrorCode::corrupt, "refs of a repository that is missing");
    record->refs_root = root.root;
    put_record(repository_path(repository), encode(*record));
    return {};
}

Expected<crypto::Digest> RecordWriter::finish() {
    for (const auto& [repository, names] : refs_) ASHLAR_CHECK(finish_refs(repository, names));
    refs_.clear();
    std::vector<ledger::TreeUpdate> updates;
    updates.reserve(paths_.size());
    for (const std::string& path : paths_) {
        ASHLAR_TRY(const auto record, rows_.get(storage_key(prefix::kState, path)));
        ledger::TreeUpdate update;
        update.key = ledger::tree_key(ledger::TreeKind::state, as_bytes(path));
        if (record) update.value = ledger::tree_value(ledger::TreeKind::state, *record);
        updates.push_back(update);
    }
    paths_.clear();
    ASHLAR_TRY(
        const ledger::TreeRoot root,
        ledger::update_tree(ledger::TreeKind::state, as_bytes(prefix::kStateTree), rows_, updates));
    return root.root;
}

}  // namespace ashlar::codec
