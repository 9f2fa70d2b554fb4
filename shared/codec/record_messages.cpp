#include "codec/record_messages.h"

#include "consensus/validator_set.h"
#include "forge/validators.h"

namespace ashlar::codec {

static_assert(forge::kValidatorsMax == consensus::kValidatorsMax);

void fill(schema::PackReference::Builder builder, const forge::PackReference& pack) {
    builder.setDigest(data_of(pack.digest.digest.view()));
    builder.setSize(pack.size);
    builder.setObjectCount(pack.object_count);
    builder.setIndexDigest(data_of(pack.index_digest.view()));
}

Expected<forge::PackReference> read(schema::PackReference::Reader reader) {
    forge::PackReference pack;
    ASHLAR_TRY(pack.digest.digest, fixed<crypto::Digest>(reader.getDigest()));
    pack.size = reader.getSize();
    pack.object_count = reader.getObjectCount();
    ASHLAR_TRY(pack.index_digest, fixed<crypto::Digest>(reader.getIndexDigest()));
    return pack;
}

void fill(schema::Settings::Builder builder, const forge::Settings& settings) {
    builder.setRefsPerPushMax(settings.refs_per_push_max);
    builder.setRefsPerRepositoryMax(settings.refs_per_repository_max);
    builder.setPushOptionsMax(settings.push_options_max);
    builder.setPackBytesMax(settings.pack_bytes_max);
    builder.setTransactionLifetimeMaxMs(settings.transaction_lifetime_max_ms);
}

forge::Settings read(schema::Settings::Reader reader) {
    forge::Settings settings;
    settings.refs_per_push_max = reader.getRefsPerPushMax();
    settings.refs_per_repository_max = reader.getRefsPerRepositoryMax();
    settings.push_options_max = reader.getPushOptionsMax();
    settings.pack_bytes_max = reader.getPackBytesMax();
    settings.transaction_lifetime_max_ms = reader.getTransactionLifetimeMaxMs();
    return settings;
}

void fill(schema::Validator::Builder builder, const forge::Validator& validator) {
    builder.setKey(data_of(validator.key.view()));
    builder.setName(text_of(validator.name));
    if (!validator.address.empty()) builder.setAddress(text_of(validator.address));
}

Expected<forge::Validator> read(schema::Validator::Reader reader) {
    forge::Validator validator;
    ASHLAR_TRY(validator.key, fixed<crypto::PublicKey>(reader.getKey()));
    validator.name = string_of(reader.getName());
    validator.address = string_of(reader.getAddress());
    return validator;
}

void fill(capnp::List<schema::Validator>::Builder builder,
          const std::vector<forge::Validator>& validators) {
    for (std::size_t i = 0; i < validators.size(); ++i) {
        fill(builder[static_cast<unsigned>(i)], validators[i]);
    }
}

Expected<std::vector<forge::Validator>> read(capnp::List<schema::Validator>::Reader reader) {
    if (reader.size() > consensus::kValidatorsMax) {
        return fail(ErrorCode::invalid, "too many validators");
    }
    std::vector<forge::Validator> validators;
    for (const schema::Validator::Reader item : reader) {
        ASHLAR_TRY(forge::Validator validator, read(item));
        if (!validators.empty() && !(validators.back().key < validator.key)) {
            return fail(ErrorCode::invalid, "validators are not sorted, or one stands twice");
        }
        validators.push_back(std::move(validator));
    }
    return validators;
}

Expected<forge::AccountKind> read(schema::AccountKind kind) {
    switch (kind) {
        case schema::AccountKind::USER:
            return forge::AccountKind::user;
        case schema::AccountKind::ORGANIZATION:
            return forge::AccountKind::organization;
    }
    return fail(ErrorCode::invalid, "unknown kind of account");
}

schema::AccountKind schema_of(forge::AccountKind kind) {
    return kind == forge::AccountKind::user ? schema::AccountKind::USER
                                            : schema::AccountKind::ORGANIZATION;
}

Expected<forge::Visibility> read(schema::Visibility visibility) {
    switch (visibility) {
        case schema::Visibility::PUBLIC:
            return forge::Visibility::visible_to_all;
        case schema::Visibility::PRIVATE:
            return forge::Visibility::visible_to_members;
    }
    return fail(ErrorCode::invalid, "unknown visibility");
}

schema::Visibility schema_of(forge::Visibility visibility) {
    return visibility == forge::Visibility::visible_to_all ? schema::Visibility::PUBLIC
                                                           : schema::Visibility::PRIVATE;
}

Expected<forge::ScopeSet> read_scopes(std::uint32_t bits) {
    const forge::ScopeSet scopes = forge::ScopeSet::from_bits(bits);
    if (scopes.bits() != bits) return fail(ErrorCode::invalid, "unknown scope");
    return scopes;
}

}  // namespace ashlar::codec
