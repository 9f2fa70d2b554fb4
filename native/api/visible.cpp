#include "native/api/visible.h"

#include "forge/names.h"

namespace ashlar::native {

Expected<void> check_visible(const chain::StateReader& state, const forge::Viewer& viewer,
                             std::string_view owner, std::string_view name) {
    const std::string what = "repository " + forge::full_name(owner, name);
    const auto repository = state.repository(owner, name);
    if (repository) {
        return forge::require(forge::may(viewer, *repository, forge::RepositoryAction::read), what);
    }
    if (repository.error().code != ErrorCode::not_found) return Unexpected(repository.error());
    const auto account = state.account(owner);
    // Of an owner that does not exist nothing can be hidden.
    if (!account && account.error().code == ErrorCode::not_found) return {};
    if (!account) return Unexpected(account.error());
    forge::Repository hidden;
    hidden.owner = account->id;
    hidden.visibility = forge::Visibility::visible_to_members;
    const auto permission = forge::may(viewer, hidden, forge::RepositoryAction::read);
    if (permission == forge::Permission::allowed) return {};
    return fail(ErrorCode::not_found, what);
}

}  // namespace ashlar::native
