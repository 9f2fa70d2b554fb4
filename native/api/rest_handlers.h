// What the REST routes do. Each asks forge/access (through the node or the rules) before it tells.
#pragma once

#include "native/api/rest_api.h"

namespace ashlar::native {

RestResult get_root(const RestCall& call);
RestResult get_meta(const RestCall& call);
RestResult get_current_user(const RestCall& call);
RestResult get_user(const RestCall& call);
RestResult create_user(const RestCall& call);
RestResult create_user_token(const RestCall& call);

RestResult list_own_keys(const RestCall& call);
RestResult list_user_keys(const RestCall& call);
RestResult create_own_key(const RestCall& call);
RestResult get_own_key(const RestCall& call);
RestResult delete_own_key(const RestCall& call);

RestResult list_own_repositories(const RestCall& call);
RestResult list_user_repositories(const RestCall& call);
RestResult create_own_repository(const RestCall& call);
RestResult get_repository(const RestCall& call);
RestResult delete_repository(const RestCall& call);

// The author, or `unauthenticated`.
Expected<const node::Author*> signed_in(const RestCall& call);

}  // namespace ashlar::native
