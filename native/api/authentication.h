// Who asks: the token in a request's Authorization header.
#pragma once

#include <optional>
#include <string>

#include "api/request.h"
#include "native/node/node.h"

namespace ashlar::native {

// The secret in "Basic base64(name:secret)" (any name; a name without a password is the secret),
// "Bearer secret" or "token secret"; nothing where there is no such header. Fails with
// `unauthenticated` where the header holds none.
Expected<std::optional<std::string>> token_secret_of(const api::Request& request);

struct Caller {
    std::optional<node::Author> author;  // absent: nobody signed in

    forge::Viewer viewer() const;
};

// Fails with `unauthenticated` where a token is given that does not count (also on what needs
// none: whoever means to be somebody is not served as nobody).
Expected<Caller> authenticate(const node::Node& node, const api::Request& request);

}  // namespace ashlar::native
