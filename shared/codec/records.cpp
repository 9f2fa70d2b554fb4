#include "codec/records.h"

#include "codec/record_messages.h"

namespace ashlar::codec {

namespace {

constexpr std::size_t kIdSize = 8;

Expected<forge::Account> read_account(schema::Account::Reader reader) {
    forge::Account account;
    account.id = forge::AccountId(reader.getId());
    account.login = string_of(reader.getLogin());
    ASHLAR_TRY(account.kind, read(reader.getKind()));
    account.site_administrator = reader.getSiteAdministrator();
    account.created_ms = reader.getCreatedMs();
    ASHLAR_TRY(account.key, optional_fixed<crypto::PublicKey>(reader.getKey()));
    return account;
}

Expected<forge::Token> read_token(schema::Token::Reader reader) {
    forge::Token token;
    token.id = forge::TokenId(reader.getId());
    token.account = forge::AccountId(reader.getAccount());
    token.name = string_of(reader.getName());
    ASHLAR_TRY(token.scopes, read_scopes(reader.getScopes()));
    ASHLAR_TRY(token.secret_hash, fixed<crypto::Digest>(reader.getSecretHash()));
    token.created_ms = reader.getCreatedMs();
    token.expires_ms = optional_time(reader.getExpiresMs());
    token.revoked = reader.getRevoked();
    return token;
}

Expected<forge::SshKey> read_ssh_key(schema::SshKey::Reader reader) {
    forge::SshKey key;
    key.id = forge::SshKeyId(reader.getId());
    key.account = forge::AccountId(reader.getAccount());
    key.title = string_of(reader.getTitle());
    ASHLAR_TRY(key.key, fixed<crypto::PublicKey>(reader.getKey()));
    key.created_ms = reader.getCreatedMs();
    return key;
}

Expected<forge::Repository> read_repository(schema::Repository::Reader reader) {
    forge::Repository repository;
    repository.id = forge::RepositoryId(reader.getId());
    repository.owner = forge::AccountId(reader.getOwner());
    repository.name = string_of(reader.getName());
    ASHLAR_TRY(repository.visibility, read(reader.getVisibility()));
    repository.default_branch = string_of(reader.getDefaultBranch());
    repository.description = string_of(reader.getDescription());
    repository.created_ms = reader.getCreatedMs();
    repository.updated_ms = reader.getUpdatedMs();
    repository.pushed_ms = optional_time(reader.getPushedMs());
    ASHLAR_TRY(repository.refs_root, fixed<crypto::Digest>(reader.getRefsRoot()));
    repository.ref_count = reader.getRefCount();
    repository.pack_sequence = reader.getPackSequence();
    repository.pack_bytes = reader.getPackBytes();
    repository.may_hold_unreachable = reader.getMayHoldUnreachable();
    return repository;
}

void fill_validator_set(schema::ValidatorSet::Builder builder,
                        const forge::ValidatorSet& validators) {
    builder.setEpoch(validators.epoch.value);
    fill(builder.initValidators(static_cast<unsigned>(validators.validators.size())),
         validators.validators);
}

Expected<forge::ValidatorSet> read_validator_set(schema::ValidatorSet::Reader reader) {
    ASHLAR_TRY(auto validators, read(reader.getValidators()));
    return forge::ValidatorSet{ledger::Epoch(reader.getEpoch()), std::move(validators)};
}

}  // namespace

Bytes encode(const forge::Account& account) {
    return encode_canonical<schema::Account>([&](schema::Account::Builder& builder) {
        builder.setId(account.id.value);
        builder.setLogin(text_of(account.login));
        builder.setKind(schema_of(account.kind));
        builder.setSiteAdministrator(account.site_administrator);
        builder.setCreatedMs(account.created_ms);
        if (account.key) builder.setKey(data_of(account.key->view()));
    });
}

Bytes encode(const forge::Token& token) {
    return encode_canonical<schema::Token>([&](schema::Token::Builder& builder) {
        builder.setId(token.id.value);
        builder.setAccount(token.account.value);
        builder.setName(text_of(token.name));
        builder.setScopes(token.scopes.bits());
        builder.setSecretHash(data_of(token.secret_hash.view()));
        builder.setCreatedMs(token.created_ms);
        builder.setExpiresMs(token.expires_ms.value_or(0));
        builder.setRevoked(token.revoked);
    });
}

Bytes encode(const forge::SshKey& key) {
    return encode_canonical<schema::SshKey>([&](schema::SshKey::Builder& builder) {
        builder.setId(key.id.value);
        builder.setAccount(key.account.value);
        builder.setTitle(text_of(key.title));
        builder.setKey(data_of(key.key.view()));
        builder.setCreatedMs(key.created_ms);
    });
}

Bytes encode(const forge::Repository& repository) {
    return encode_canonical<schema::Repository>([&](schema::Repository::Builder& builder) {
        builder.setId(repository.id.value);
        builder.setOwner(repository.owner.value);
        builder.setName(text_of(repository.name));
        builder.setVisibility(schema_of(repository.visibility));
        builder.setDefaultBranch(text_of(repository.default_branch));
        builder.setDescription(text_of(repository.description));
        builder.setCreatedMs(repository.created_ms);
        builder.setUpdatedMs(repository.updated_ms);
        builder.setPushedMs(repository.pushed_ms.value_or(0));
        builder.setRefsRoot(data_of(repository.refs_root.view()));
        builder.setRefCount(repository.ref_count);
        builder.setPackSequence(repository.pack_sequence);
        builder.setPackBytes(repository.pack_bytes);
        builder.setMayHoldUnreachable(repository.may_hold_unreachable);
    });
}

Bytes encode(const forge::PackReference& pack) {
    return encode_canonical<schema::PackReference>(
        [&](schema::PackReference::Builder& builder) { fill(builder, pack); });
}

Bytes encode(const forge::Counters& counters) {
    return encode_canonical<schema::Counters>([&](schema::Counters::Builder& builder) {
        builder.setLastAccount(counters.last_account.value);
        builder.setLastToken(counters.last_token.value);
        builder.setLastRepository(counters.last_repository.value);
        builder.setLastSshKey(counters.last_ssh_key.value);
    });
}

Bytes encode(const forge::Settings& settings) {
    return encode_canonical<schema::Settings>(
        [&](schema::Settings::Builder& builder) { fill(builder, settings); });
}

Bytes encode(const forge::ValidatorSet& validators) {
    return encode_canonical<schema::ValidatorSet>(
        [&](schema::ValidatorSet::Builder& builder) { fill_validator_set(builder, validators); });
}

Bytes encode(const forge::ClosedEpoch& epoch) {
    return encode_canonical<schema::ClosedEpoch>([&](schema::ClosedEpoch::Builder& builder) {
        fill_validator_set(builder.initValidators(), epoch.validators);
        builder.setLastHeight(epoch.last_height.value);
    });
}

Bytes encode(const TransactionRecord& record) {
    return encode_canonical<schema::TransactionRecord>(
        [&](schema::TransactionRecord::Builder& builder) {
            builder.setHeight(record.height.value);
            builder.setIndex(record.index);
            builder.setRefusal(record.refusal);
            builder.setRefusedRefs(record.refused_refs);
        });
}

Expected<forge::Account> decode_account(ByteView bytes) {
    return decode_canonical<schema::Account, forge::Account>(bytes, "account record",
                                                             kRecordBytesMax, encode, read_account);
}

Expected<forge::Token> decode_token(ByteView bytes) {
    return decode_canonical<schema::Token, forge::Token>(bytes, "token record", kRecordBytesMax,
                                                         encode, read_token);
}

Expected<forge::SshKey> decode_ssh_key(ByteView bytes) {
    return decode_canonical<schema::SshKey, forge::SshKey>(bytes, "SSH key record", kRecordBytesMax,
                                                           encode, read_ssh_key);
}

Expected<forge::Repository> decode_repository(ByteView bytes) {
    return decode_canonical<schema::Repository, forge::Repository>(
        bytes, "repository record", kRecordBytesMax, encode, read_repository);
}

Expected<forge::PackReference> decode_pack_reference(ByteView bytes) {
    return decode_canonical<schema::PackReference, forge::PackReference>(
        bytes, "pack reference", kRecordBytesMax, encode,
        [](schema::PackReference::Reader reader) { return read(reader); });
}

Expected<forge::Counters> decode_counters(ByteView bytes) {
    return decode_canonical<schema::Counters, forge::Counters>(
        bytes, "counters", kRecordBytesMax, encode,
        [](schema::Counters::Reader reader) -> Expected<forge::Counters> {
            return forge::Counters{forge::AccountId(reader.getLastAccount()),
                                   forge::TokenId(reader.getLastToken()),
                                   forge::RepositoryId(reader.getLastRepository()),
                                   forge::SshKeyId(reader.getLastSshKey())};
        });
}

Expected<forge::Settings> decode_settings(ByteView bytes) {
    return decode_canonical<schema::Settings, forge::Settings>(
        bytes, "settings", kRecordBytesMax, encode,
        [](schema::Settings::Reader reader) -> Expected<forge::Settings> { return read(reader); });
}

Expected<forge::ValidatorSet> decode_validator_set(ByteView bytes) {
    return decode_canonical<schema::ValidatorSet, forge::ValidatorSet>(
        bytes, "validator set", kRecordBytesMax, encode, read_validator_set);
}

Expected<forge::ClosedEpoch> decode_closed_epoch(ByteView bytes) {
    return decode_canonical<schema::ClosedEpoch, forge::ClosedEpoch>(
        bytes, "closed epoch", kRecordBytesMax, encode,
        [](schema::ClosedEpoch::Reader reader) -> Expected<forge::ClosedEpoch> {
            ASHLAR_TRY(auto validators, read_validator_set(reader.getValidators()));
            return forge::ClosedEpoch{std::move(validators),
                                      ledger::Height(reader.getLastHeight())};
        });
}

Expected<TransactionRecord> decode_transaction_record(ByteView bytes) {
    return decode_canonical<schema::TransactionRecord, TransactionRecord>(
        bytes, "transaction record", kRecordBytesMax, encode,
        [](schema::TransactionRecord::Reader reader) -> Expected<TransactionRecord> {
            return TransactionRecord{ledger::Height(reader.getHeight()), reader.getIndex(),
                                     reader.getRefusal(), reader.getRefusedRefs()};
        });
}

Bytes encode_ref_value(const git::Ref& ref) {
    Bytes bytes = to_bytes(ref.id.view());
    if (ref.peeled) append(bytes, ref.peeled->view());
    return bytes;
}

Expected<git::Ref> decode_ref_value(std::string_view name, ByteView bytes) {
    constexpr std::size_t kSize = git::ObjectId::kSize;
    if (bytes.size() != kSize && bytes.size() != 2 * kSize) {
        return fail(ErrorCode::invalid, "ref " + std::string(name) + ": its value's length");
    }
    git::Ref ref;
    ref.name = std::string(name);
    ASHLAR_TRY(ref.id, git::ObjectId::from_bytes(bytes.first(kSize)));
    if (bytes.size() > kSize) {
        ASHLAR_TRY(ref.peeled, git::ObjectId::from_bytes(bytes.subspan(kSize)));
    }
    return ref;
}

Bytes encode_id(std::uint64_t id) {
    Bytes bytes;
    append_big_endian_64(bytes, id);
    return bytes;
}

Expected<std::uint64_t> decode_id(ByteView bytes) {
    if (bytes.size() != kIdSize) return fail(ErrorCode::invalid, "an id's length");
    return read_big_endian_64(bytes);
}

}  // namespace ashlar::codec
