#include "forge/access.h"

namespace ashlar::forge {

namespace {

bool is_public(const Repository& repository) {
    return repository.visibility == Visibility::visible_to_all;
}

bool is_site_administrator(const Viewer& viewer) {
    return viewer.account && viewer.account->site_administrator &&
           viewer.has_scope(Scope::site_administration);
}

// What the account may do, whatever its token.
bool has_full_right(const Viewer& viewer, const Repository& repository) {
    return viewer.account &&
           (viewer.account->id == repository.owner || is_site_administrator(viewer));
}

bool has_write_scope(const Viewer& viewer, bool public_repository) {
    return viewer.has_scope(Scope::repository_write) ||
           (public_repository && viewer.has_scope(Scope::public_repository_write));
}

bool sees(const Viewer& viewer, const Repository& repository) {
    if (is_public(repository)) return true;
    return has_full_right(viewer, repository) && viewer.has_scope(Scope::repository_read);
}

Permission allowed_if(bool condition) {
    return condition ? Permission::allowed : Permission::forbidden;
}

}  // namespace

Viewer Viewer::signed_in(Account account) {
    Viewer viewer;
    viewer.account = std::move(account);
    return viewer;
}

Viewer Viewer::with_token(Account account, ScopeSet scopes) {
    Viewer viewer = signed_in(std::move(account));
    viewer.token_scopes = scopes;
    return viewer;
}

bool Viewer::has_scope(Scope scope) const {
    return account.has_value() && (!token_scopes || token_scopes->has(scope));
}

Permission may(const Viewer& viewer, const Repository& repository, RepositoryAction action) {
    if (!sees(viewer, repository)) return Permission::not_found;
    if (action == RepositoryAction::read) return Permission::allowed;
    if (!viewer.account) return Permission::unauthenticated;
    if (!has_full_right(viewer, repository)) return Permission::forbidden;
    switch (action) {
        case RepositoryAction::read:
            return Permission::allowed;
        case RepositoryAction::write:
        case RepositoryAction::administer:
            return allowed_if(has_write_scope(viewer, is_public(repository)));
        case RepositoryAction::remove:
            return allowed_if(viewer.has_scope(Scope::repository_delete));
    }
    return Permission::forbidden;
}

Permission may_create_repository(const Viewer& viewer, const Account& owner,
                                 Visibility visibility) {
    if (!viewer.account) return Permission::unauthenticated;
    if (viewer.account->id != owner.id && !is_site_administrator(viewer)) {
        return Permission::forbidden;
    }
    return allowed_if(has_write_scope(viewer, visibility == Visibility::visible_to_all));
}

Permission may_administer_site(const Viewer& viewer) {
    if (!viewer.account) return Permission::unauthenticated;
    return allowed_if(is_site_administrator(viewer));
}

Permission may_manage_tokens(const Viewer& viewer, AccountId account, ScopeSet scopes) {
    if (!viewer.account) return Permission::unauthenticated;
    if (is_site_administrator(viewer)) return Permission::allowed;
    if (viewer.account->id != account || !viewer.has_scope(Scope::account)) {
        return Permission::forbidden;
    }
    // A token begets none that is wider than itself.
    return allowed_if(!viewer.token_scopes || viewer.token_scopes->includes(scopes));
}

Expected<void> require(Permission permission, std::string_view what) {
    switch (permission) {
        case Permission::allowed:
            return {};
        case Permission::unauthenticated:
            return fail(ErrorCode::unauthenticated, "sign in for " + std::string(what));
        case Permission::forbidden:
            return fail(ErrorCode::forbidden,
                        std::string(what) + ": the account or its token lacks the right");
        case Permission::not_found:
            return fail(ErrorCode::not_found, std::string(what));
    }
    return fail(ErrorCode::forbidden, std::string(what));
}

}  // namespace ashlar::forge
