#include "codec/transaction_actions.h"

namespace ashlar::codec {

namespace {

Expected<forge::Action> read_one(schema::CreateAccount::Reader reader) {
    forge::CreateAccount action;
    action.login = string_of(reader.getLogin());
    ASHLAR_TRY(action.kind, read(reader.getKind()));
    action.site_administrator = reader.getSiteAdministrator();
    ASHLAR_TRY(action.key, optional_fixed<crypto::PublicKey>(reader.getKey()));
    return action;
}

Expected<forge::Action> read_one(schema::CreateToken::Reader reader) {
    forge::CreateToken action;
    action.account = forge::AccountId(reader.getAccount());
    action.name = string_of(reader.getName());
    ASHLAR_TRY(action.scopes, read_scopes(reader.getScopes()));
    ASHLAR_TRY(action.secret_hash, fixed<crypto::Digest>(reader.getSecretHash()));
    action.expires_ms = optional_time(reader.getExpiresMs());
    return action;
}

Expected<forge::Action> read_one(schema::CreateRepository::Reader reader) {
    forge::CreateRepository action;
    action.owner = forge::AccountId(reader.getOwner());
    action.name = string_of(reader.getName());
    ASHLAR_TRY(action.visibility, read(reader.getVisibility()));
    action.description = string_of(reader.getDescription());
    action.default_branch = string_of(reader.getDefaultBranch());
    return action;
}

Expected<forge::Action> read_one(schema::UpdateRepository::Reader reader) {
    forge::UpdateRepository action;
    action.repository = forge::RepositoryId(reader.getRepository());
    const auto visibility = reader.getVisibility();
    switch (visibility.which()) {
        case schema::UpdateRepository::Visibility::UNCHANGED:
            break;
        case schema::UpdateRepository::Visibility::CHANGED: {
            ASHLAR_TRY(action.visibility, read(visibility.getChanged()));
            break;
        }
        default:
            return fail(ErrorCode::invalid, "unknown change of visibility");
    }
    if (reader.hasDescription()) action.description = string_of(reader.getDescription());
    if (reader.hasDefaultBranch()) action.default_branch = string_of(reader.getDefaultBranch());
    return action;
}

Expected<forge::RefUpdate> read_one(schema::RefUpdate::Reader reader) {
    forge::RefUpdate update;
    update.name = string_of(reader.getName());
    ASHLAR_TRY(update.old_id, optional_fixed<git::ObjectId>(reader.getOldId()));
    ASHLAR_TRY(update.new_id, optional_fixed<git::ObjectId>(reader.getNewId()));
    ASHLAR_TRY(update.peeled, optional_fixed<git::ObjectId>(reader.getPeeled()));
    return update;
}

Expected<forge::RefAtomicity> read_one(schema::RefAtomicity atomicity) {
    switch (atomicity) {
        case schema::RefAtomicity::EACH_ALONE:
            return forge::RefAtomicity::each_alone;
        case schema::RefAtomicity::ALL_OR_NONE:
            return forge::RefAtomicity::all_or_none;
    }
    return fail(ErrorCode::invalid, "unknown atomicity");
}

Expected<forge::Action> read_one(schema::UpdateRefs::Reader reader) {
    forge::UpdateRefs action;
    action.repository = forge::RepositoryId(reader.getRepository());
    const auto updates = reader.getUpdates();
    const auto options = reader.getPushOptions();
    if (updates.size() > kRefUpdatesMax || options.size() > kPushOptionsMax) {
        return fail(ErrorCode::invalid, "more refs or push options than a push may have");
    }
    action.updates.reserve(updates.size());
    for (const schema::RefUpdate::Reader item : updates) {
        ASHLAR_TRY(forge::RefUpdate update, read_one(item));
        action.updates.push_back(std::move(update));
    }
    ASHLAR_TRY(action.atomicity, read_one(reader.getAtomicity()));
    if (reader.hasPack()) {
        ASHLAR_TRY(action.pack, read(reader.getPack()));
    }
    for (const capnp::Data::Reader option : options) {
        action.push_options.emplace_back(as_text(view_of(option)));
    }
    action.rewinds = reader.getRewinds();
    action.certificate = to_bytes(view_of(reader.getCertificate()));
    return action;
}

Expected<forge::Action> read_one(schema::CreateSshKey::Reader reader) {
    forge::CreateSshKey action;
    action.account = forge::AccountId(reader.getAccount());
    action.title = string_of(reader.getTitle());
    ASHLAR_TRY(action.key, fixed<crypto::PublicKey>(reader.getKey()));
    return action;
}

Expected<forge::Action> read_one(schema::ChangeValidators::Reader reader) {
    forge::ChangeValidators action;
    ASHLAR_TRY(action.remove, optional_fixed<crypto::PublicKey>(reader.getRemove()));
    if (reader.hasAdd()) {
        ASHLAR_TRY(action.add, read(reader.getAdd()));
    }
    return action;
}

void fill_update_refs(schema::UpdateRefs::Builder builder, const forge::UpdateRefs& action) {
    builder.setRepository(action.repository.value);
    auto updates = builder.initUpdates(static_cast<unsigned>(action.updates.size()));
    for (std::size_t i = 0; i < action.updates.size(); ++i) {
        const forge::RefUpdate& from = action.updates[i];
        schema::RefUpdate::Builder update = updates[static_cast<unsigned>(i)];
        update.setName(text_of(from.name));
        if (from.old_id) update.setOldId(data_of(from.old_id->view()));
        if (from.new_id) update.setNewId(data_of(from.new_id->view()));
        if (from.peeled) update.setPeeled(data_of(from.peeled->view()));
    }
    builder.setAtomicity(action.atomicity == forge::RefAtomicity::all_or_none
                             ? schema::RefAtomicity::ALL_OR_NONE
                             : schema::RefAtomicity::EACH_ALONE);
    if (action.pack) fill(builder.initPack(), *action.pack);
    auto options = builder.initPushOptions(static_cast<unsigned>(action.push_options.size()));
    for (std::size_t i = 0; i < action.push_options.size(); ++i) {
        options.set(static_cast<unsigned>(i), data_of(as_bytes(action.push_options[i])));
    }
    builder.setRewinds(action.rewinds);
    if (!action.certificate.empty()) builder.setCertificate(data_of(action.certificate));
}

// Writes one action into the union.
struct ActionFiller {
    schema::TransactionBody::Action::Builder builder;

    void operator()(const forge::CreateAccount& action) {
        auto to = builder.initCreateAccount();
        to.setLogin(text_of(action.login));
        to.setKind(schema_of(action.kind));
        to.setSiteAdministrator(action.site_administrator);
        if (action.key) to.setKey(data_of(action.key->view()));
    }
    void operator()(const forge::CreateToken& action) {
        auto to = builder.initCreateToken();
        to.setAccount(action.account.value);
        to.setName(text_of(action.name));
        to.setScopes(action.scopes.bits());
        to.setSecretHash(data_of(action.secret_hash.view()));
        to.setExpiresMs(action.expires_ms.value_or(0));
    }
    void operator()(const forge::RevokeToken& action) {
        builder.initRevokeToken().setToken(action.token.value);
    }
    void operator()(const forge::CreateRepository& action) {
        auto to = builder.initCreateRepository();
        to.setOwner(action.owner.value);
        to.setName(text_of(action.name));
        to.setVisibility(schema_of(action.visibility));
        to.setDescription(text_of(action.description));
        to.setDefaultBranch(text_of(action.default_branch));
    }
    void operator()(const forge::UpdateRepository& action) {
        auto to = builder.initUpdateRepository();
        to.setRepository(action.repository.value);
        if (action.visibility) to.getVisibility().setChanged(schema_of(*action.visibility));
        if (action.description) to.setDescription(text_of(*action.description));
        if (action.default_branch) to.setDefaultBranch(text_of(*action.default_branch));
    }
    void operator()(const forge::DeleteRepository& action) {
        builder.initDeleteRepository().setRepository(action.repository.value);
    }
    void operator()(const forge::UpdateRefs& action) {
        fill_update_refs(builder.initUpdateRefs(), action);
    }
    void operator()(const forge::ChangeValidators& action) {
        auto to = builder.initChangeValidators();
        if (action.remove) to.setRemove(data_of(action.remove->view()));
        if (action.add) fill(to.initAdd(), *action.add);
    }
    void operator()(const forge::CreateSshKey& action) {
        auto to = builder.initCreateSshKey();
        to.setAccount(action.account.value);
        to.setTitle(text_of(action.title));
        to.setKey(data_of(action.key.view()));
    }
    void operator()(const forge::DeleteSshKey& action) {
        builder.initDeleteSshKey().setSshKey(action.ssh_key.value);
    }
};

}  // namespace

Expected<forge::Action> read_action(schema::TransactionBody::Action::Reader reader) {
    using Which = schema::TransactionBody::Action;
    switch (reader.which()) {
        case Which::CREATE_ACCOUNT:
            return read_one(reader.getCreateAccount());
        case Which::CREATE_TOKEN:
            return read_one(reader.getCreateToken());
        case Which::REVOKE_TOKEN:
            return forge::Action(
                forge::RevokeToken{forge::TokenId(reader.getRevokeToken().getToken())});
        case Which::CREATE_REPOSITORY:
            return read_one(reader.getCreateRepository());
        case Which::UPDATE_REPOSITORY:
            return read_one(reader.getUpdateRepository());
        case Which::DELETE_REPOSITORY:
            return forge::Action(forge::DeleteRepository{
                forge::RepositoryId(reader.getDeleteRepository().getRepository())});
        case Which::UPDATE_REFS:
            return read_one(reader.getUpdateRefs());
        case Which::CHANGE_VALIDATORS:
            return read_one(reader.getChangeValidators());
        case Which::CREATE_SSH_KEY:
            return read_one(reader.getCreateSshKey());
        case Which::DELETE_SSH_KEY:
            return forge::Action(
                forge::DeleteSshKey{forge::SshKeyId(reader.getDeleteSshKey().getSshKey())});
    }
    return fail(ErrorCode::invalid, "unknown action");
}

void fill_action(schema::TransactionBody::Action::Builder builder, const forge::Action& action) {
    std::visit(ActionFiller{builder}, action);
}

}  // namespace ashlar::codec
