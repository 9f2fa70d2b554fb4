#include "chain/state_reader.h"

#include <algorithm>
#include <set>

#include "base/assert.h"
#include "chain/block_rows.h"
#include "codec/block.h"
#include "codec/record_paths.h"
#include "forge/names.h"
#include "ledger/storage_keys.h"

namespace ashlar::chain {

namespace {

using ledger::storage_key;
namespace prefix = ledger::storage_prefix;

Bytes state_key(std::string_view path) {
    return storage_key(prefix::kState, path);
}

// An index led to what is not there.
Unexpected dangling(const std::string& what) {
    return fail(ErrorCode::corrupt, what + " is named by an index and missing");
}

template <typename Value>
Expected<Value> required(Expected<std::optional<Value>> found, const std::string& what) {
    if (!found) return Unexpected(std::move(found).error());
    if (!*found) return fail(ErrorCode::not_found, what);
    return **std::move(found);
}

std::size_t count_max_of(const Page& page) {
    return std::min(page.count_max, kPageCountMax);
}

// The ids that the index rows under a path prefix hold, in the order of the paths.
Expected<std::vector<std::uint64_t>> ids_below(const KeyValueReader& rows,
                                               std::string_view path_prefix) {
    std::vector<std::uint64_t> ids;
    Expected<void> decoded;
    ASHLAR_CHECK(rows.scan_prefix(state_key(path_prefix), [&](ByteView, ByteView value) {
        const auto id = codec::decode_id(value);
        if (!id) decoded = fail(ErrorCode::corrupt, "index row: " + id.error().detail);
        if (id) ids.push_back(*id);
        return decoded.has_value();
    }));
    ASHLAR_CHECK(decoded);
    return ids;
}

// Records under a path prefix and after an id, as far as they are kept and the page has room.
template <typename Value, typename Keep>
Expected<std::vector<Value>> page_of(const KeyValueReader& rows, std::string_view path_prefix,
                                     const std::string& first_path, const Page& page,
                                     Expected<Value> (*decode)(ByteView), const Keep& keep) {
    std::vector<Value> values;
    if (count_max_of(page) == 0) return values;
    Expected<void> decoded;
    ASHLAR_CHECK(rows.scan(state_key(first_path), end_of_prefix(state_key(path_prefix)),
                           [&](ByteView key, ByteView row) {
                               Expected<Value> value = decode(row);
                               if (!value) {
                                   decoded =
                                       fail(ErrorCode::corrupt, std::string(as_text(key)) + ": " +
                                                                    value.error().detail);
                                   return false;
                               }
                               if (keep(*value)) values.push_back(*std::move(value));
                               return values.size() < count_max_of(page);
                           }));
    ASHLAR_CHECK(decoded);
    return values;
}

}  // namespace

StateReader::StateReader(std::shared_ptr<const KeyValueReader> snapshot)
    : snapshot_(std::move(snapshot)), records_(*snapshot_) {}

Expected<ledger::BlockHeader> StateReader::head() const {
    ASHLAR_TRY(const ledger::Height height, read_head(*snapshot_));
    return read_header(*snapshot_, height);
}

Expected<ledger::BlockDigest> StateReader::head_digest() const {
    ASHLAR_TRY(const ledger::BlockHeader header, head());
    return codec::digest_of(header);
}

Expected<forge::Account> StateReader::account(std::string_view login) const {
    const std::string what = "account " + std::string(login);
    ASHLAR_TRY(const forge::AccountId id, required(records_.find_account(login), what));
    ASHLAR_TRY(auto found, records_.account(id));
    if (!found) return dangling(what);
    return *std::move(found);
}

Expected<forge::Account> StateReader::account(forge::AccountId id) const {
    return required(records_.account(id), "account " + std::to_string(id.value));
}

Expected<forge::Token> StateReader::token_by_secret(std::string_view secret) const {
    ASHLAR_TRY(const auto id, records_.find_token(forge::token_secret_hash(secret)));
    if (!id) return fail(ErrorCode::unauthenticated, "the token is unknown");
    ASHLAR_TRY(auto token, records_.token(*id));
    if (!token) return dangling("token " + std::to_string(id->value));
    ASHLAR_TRY(const ledger::BlockHeader header, head());
    if (!forge::is_valid_at(*token, header.time_ms)) {
        return fail(ErrorCode::unauthenticated,
                    token->revoked ? "the token is revoked" : "the token has expired");
    }
    return *std::move(token);
}

Expected<std::vector<forge::Token>> StateReader::tokens_of(forge::AccountId account) const {
    ASHLAR_TRY(const auto ids, ids_below(*snapshot_, codec::token_of_prefix(account)));
    std::vector<forge::Token> tokens;
    for (const std::uint64_t id : ids) {
        ASHLAR_TRY(auto token, records_.token(forge::TokenId(id)));
        if (!token) return dangling("token " + std::to_string(id));
        tokens.push_back(*std::move(token));
    }
    return tokens;
}

Expected<std::vector<forge::SshKey>> StateReader::ssh_keys_of(forge::AccountId account) const {
    ASHLAR_TRY(const auto ids, ids_below(*snapshot_, codec::ssh_key_of_prefix(account)));
    std::vector<forge::SshKey> keys;
    for (const std::uint64_t id : ids) {
        ASHLAR_TRY(auto key, records_.ssh_key(forge::SshKeyId(id)));
        if (!key) return dangling("SSH key " + std::to_string(id));
        keys.push_back(*std::move(key));
    }
    return keys;
}

Expected<forge::SshKey> StateReader::ssh_key(forge::SshKeyId id) const {
    return required(records_.ssh_key(id), "SSH key " + std::to_string(id.value));
}

Expected<forge::Repository> StateReader::repository(std::string_view owner,
                                                    std::string_view name) const {
    const std::string what = "repository " + forge::full_name(owner, name);
    ASHLAR_TRY(const forge::AccountId account, required(records_.find_account(owner), what));
    ASHLAR_TRY(const forge::RepositoryId id,
               required(records_.find_repository(account, name), what));
    ASHLAR_TRY(auto found, records_.repository(id));
    if (!found) return dangling(what);
    return *std::move(found);
}

Expected<forge::Repository> StateReader::repository(forge::RepositoryId id) const {
    return required(records_.repository(id), "repository " + std::to_string(id.value));
}

Expected<std::vector<forge::Repository>> StateReader::repositories(const Page& page,
                                                                   const Filter& keep) const {
    return page_of<forge::Repository>(*snapshot_, codec::kRepositoryPrefix,
                                      codec::repository_path(forge::RepositoryId(page.after + 1)),
                                      page, codec::decode_repository, keep);
}

Expected<std::vector<forge::Account>> StateReader::accounts(const Page& page) const {
    return page_of<forge::Account>(
        *snapshot_, codec::kAccountPrefix, codec::account_path(forge::AccountId(page.after + 1)),
        page, codec::decode_account, [](const forge::Account&) { return true; });
}

Expected<std::vector<forge::Repository>> StateReader::repositories_of(forge::AccountId owner,
                                                                      const Page& page,
                                                                      const Filter& keep) const {
    ASHLAR_TRY(const auto ids, ids_below(*snapshot_, codec::name_prefix(owner)));
    std::vector<forge::Repository> repositories;
    std::uint64_t kept = 0;
    for (const std::uint64_t id : ids) {
        if (repositories.size() >= count_max_of(page)) break;
        ASHLAR_TRY(auto found, records_.repository(forge::RepositoryId(id)));
        if (!found) return dangling("repository " + std::to_string(id));
        if (!keep(*found)) continue;
        if (++kept > page.after) repositories.push_back(*std::move(found));
    }
    return repositories;
}

Expected<std::vector<RepositoryPack>> StateReader::packs(forge::RepositoryId repository) const {
    std::vector<RepositoryPack> packs;
    std::set<git::PackDigest> seen;
    Expected<void> decoded;
    ASHLAR_CHECK(snapshot_->scan_prefix(
        storage_key(prefix::kRepositoryPack, repository.value), [&](ByteView key, ByteView value) {
            const auto pack = codec::decode_pack_reference(value);
            if (!pack) {
                decoded = fail(ErrorCode::corrupt, "pack row: " + pack.error().detail);
                return false;
            }
            if (seen.insert(pack->digest).second) {
                packs.push_back({read_big_endian_64(key.last(sizeof(std::uint64_t))), *pack});
            }
            return true;
        }));
    ASHLAR_CHECK(decoded);
    return packs;
}

Expected<forge::ValidatorSet> StateReader::validators_of(ledger::Epoch epoch) const {
    ASHLAR_TRY(forge::ValidatorSet current, records_.validators());
    if (current.epoch == epoch) return current;
    ASHLAR_TRY(auto closed, required(records_.closed_epoch(epoch),
                                     "validators of epoch " + std::to_string(epoch.value)));
    return std::move(closed.validators);
}

Expected<ledger::BlockHeader> StateReader::header(ledger::Height height) const {
    return read_header(*snapshot_, height);
}

Expected<StoredBlock> StateReader::block(ledger::Height height) const {
    StoredBlock stored;
    ASHLAR_TRY(stored.block.header, read_header(*snapshot_, height));
    ASHLAR_TRY(stored.block.transactions, read_transactions(*snapshot_, height));
    ASHLAR_TRY(stored.finalization, read_finalization(*snapshot_, height));
    stored.digest = codec::digest_of(stored.block.header);
    return stored;
}

Expected<StoredBlock> StateReader::block(const ledger::BlockDigest& digest) const {
    ASHLAR_TRY(const ledger::Height height, read_height_of(*snapshot_, digest));
    return block(height);
}

StateRefSource::StateRefSource(std::shared_ptr<const KeyValueReader> snapshot,
                               forge::Repository repository)
    : snapshot_(std::move(snapshot)), repository_(std::move(repository)) {}

Expected<void> StateRefSource::scan(std::string_view name_prefix, const Visitor& visit) const {
    return codec::RecordState(*snapshot_).scan_refs(repository_.id, name_prefix, visit);
}

Expected<void> StateRefSource::scan_after(std::string_view name_prefix, std::string_view after,
                                          const Visitor& visit) const {
    return codec::RecordState(*snapshot_)
        .scan_refs_after(repository_.id, name_prefix, after, visit);
}

Expected<std::optional<git::Ref>> StateRefSource::find(std::string_view name) const {
    return codec::RecordState(*snapshot_).ref(repository_.id, name);
}

Expected<std::string> StateRefSource::head_target() const {
    return "refs/heads/" + repository_.default_branch;
}

WriteBatch replace_packs(forge::RepositoryId repository, const std::vector<std::uint64_t>& remove,
                         const std::vector<RepositoryPack>& put) {
    WriteBatch batch;
    for (const std::uint64_t sequence : remove) {
        batch.remove(storage_key(prefix::kRepositoryPack, repository.value, sequence));
    }
    for (const RepositoryPack& pack : put) {
        batch.put(storage_key(prefix::kRepositoryPack, repository.value, pack.sequence),
                  codec::encode(pack.pack));
    }
    return batch;
}

}  // namespace ashlar::chain
