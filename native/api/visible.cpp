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
    const bool sees_all = viewer.has_scope(forge::Scope::repository_read) &&
                          forge::may_administer_site(viewer) == forge::Permission::allowed;
    if (sees_all) return {};
    return fail(ErrorCode::not_found, what);
}

}  // namespace ashlar::native
