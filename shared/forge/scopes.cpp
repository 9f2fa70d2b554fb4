#include "forge/scopes.h"

#include <array>

namespace ashlar::forge {

namespace {

struct NamedScopes {
    std::string_view name;
    ScopeSet scopes;
};

// The wider name stands first, so that to_names() takes it where it fits.
const std::array<NamedScopes, 6>& named_scopes() {
    static constexpr std::array<NamedScopes, 6> kNamed = {{
        {"repo", ScopeSet()
                     .with(Scope::repository_read)
                     .with(Scope::repository_write)
                     .with(Scope::public_repository_write)},
        {"repo:read", ScopeSet().with(Scope::repository_read)},
        {"public_repo", ScopeSet().with(Scope::public_repository_write)},
        {"delete_repo", ScopeSet().with(Scope::repository_delete)},
        {"user", ScopeSet().with(Scope::account)},
        {"site_admin", ScopeSet().with(Scope::site_administration)},
    }};
    return kNamed;
}

}  // namespace

Expected<ScopeSet> scopes_from_names(const std::vector<std::string>& names) {
    ScopeSet scopes;
    for (const std::string& name : names) {
        bool known = false;
        for (const NamedScopes& named : named_scopes()) {
            if (named.name != name) continue;
            scopes = scopes.with(named.scopes);
            known = true;
        }
        if (!known) {
            return fail(ErrorCode::invalid,
                        "scope \"" + name +
                            "\" is unknown; known are repo, repo:read, public_repo, delete_repo, "
                            "user, site_admin");
        }
    }
    return scopes;
}

std::vector<std::string> to_names(ScopeSet scopes) {
    std::vector<std::string> names;
    ScopeSet told;
    for (const NamedScopes& named : named_scopes()) {
        if (!scopes.includes(named.scopes) || told.includes(named.scopes)) continue;
        names.emplace_back(named.name);
        told = told.with(named.scopes);
    }
    return names;
}

}  // namespace ashlar::forge
