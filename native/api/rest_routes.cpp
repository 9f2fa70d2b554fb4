#include "native/api/rest_handlers.h"

namespace ashlar::native {

const std::vector<RestRoute>& rest_routes() {
    static const std::vector<RestRoute> kRoutes = {
        {"GET", "/", get_root},
        {"GET", "/meta", get_meta},
        {"GET", "/user", get_current_user},
        {"GET", "/users/{login}", get_user},
        {"GET", "/user/keys", list_own_keys},
        {"POST", "/user/keys", create_own_key},
        {"GET", "/user/keys/{key_id}", get_own_key},
        {"DELETE", "/user/keys/{key_id}", delete_own_key},
        {"GET", "/users/{login}/keys", list_user_keys},
        {"GET", "/user/repos", list_own_repositories},
        {"POST", "/user/repos", create_own_repository},
        {"GET", "/users/{login}/repos", list_user_repositories},
        {"GET", "/repos/{owner}/{repo}", get_repository},
        {"DELETE", "/repos/{owner}/{repo}", delete_repository},
        {"POST", "/admin/users", create_user},
        {"POST", "/admin/users/{login}/authorizations", create_user_token},
    };
    return kRoutes;
}

}  // namespace ashlar::native
