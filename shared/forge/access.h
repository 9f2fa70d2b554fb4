// Who may do what. Everything asks here: git, REST, pages, sync, the edge, and the rules that
// every validator runs. What one may not see does not exist (not_found), whatever one tries on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "forge/records.h"

namespace ashlar::forge {

// Who asks. An anonymous viewer has no account; one who signs with the account's own key has no
// token, and all scopes.
struct Viewer {
    std::optional<Account> account;
    std::optional<ScopeSet> token_scopes;

    static Viewer anonymous() { return {}; }
    static Viewer signed_in(Account account);
    static Viewer with_token(Account account, ScopeSet scopes);
    // Whether the viewer's token, if that is how they came, has the scope.
    bool has_scope(Scope scope) const;
};

enum class Permission : std::uint8_t {
    allowed,
    unauthenticated,  // nobody is signed in; somebody might be allowed
    forbidden,        // who asks is known, sees it, and may not
    not_found,        // it does not exist for who asks
};

enum class RepositoryAction : std::uint8_t {
    read,        // see it, clone, fetch
    write,       // push
    administer,  // change settings and visibility
    remove,
};

Permission may(const Viewer& viewer, const Repository& repository, RepositoryAction action);

// To create a repository that belongs to `owner`.
Permission may_create_repository(const Viewer& viewer, const Account& owner, Visibility visibility);

// To create or change accounts, and act for others' tokens.
Permission may_administer_site(const Viewer& viewer);

// To create, list or revoke tokens of `account`, the wider of whose scopes are `scopes`.
Permission may_manage_tokens(const Viewer& viewer, AccountId account, ScopeSet scopes);

// Nothing where it is allowed; else an error with the fitting code, whose detail names `what`
// ("repository alice/hello") without telling more than who asks may know.
Expected<void> require(Permission permission, std::string_view what);

}  // namespace ashlar::forge
