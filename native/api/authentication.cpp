#include "native/api/authentication.h"

#include <algorithm>

#include "base/base64.h"

namespace ashlar::native {

namespace {

constexpr std::size_t kAuthorizationLengthMax = 1024;
// git and curl users who have a token only put it where the name goes, with this as the password.
constexpr std::string_view kNoPassword = "x-oauth-basic";

bool equal_without_case(std::string_view left, std::string_view lower) {
    if (left.size() != lower.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i) {
        char character = left[i];
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character + 32);
        if (character != lower[i]) return false;
    }
    return true;
}

Unexpected malformed() {
    return fail(ErrorCode::unauthenticated,
                "the Authorization header holds no token: send it as the password of Basic, or "
                "as \"Bearer TOKEN\"");
}

Expected<std::optional<std::string>> secret_of_basic(std::string_view credentials) {
    auto decoded = from_base64(credentials);
    if (!decoded) return malformed();
    std::string_view pair = as_text(*decoded);
    std::size_t colon = pair.find(':');
    if (colon == std::string_view::npos) return malformed();
    std::string_view password = pair.substr(colon + 1);
    if (password.empty() || password == kNoPassword) password = pair.substr(0, colon);
    if (password.empty()) return malformed();
    return std::optional<std::string>(password);
}

}  // namespace

Expected<std::optional<std::string>> token_secret_of(const api::Request& request) {
    auto header = request.header("authorization");
    if (!header) return std::optional<std::string>();
    std::size_t space = header->find(' ');
    if (space == std::string_view::npos || header->size() > kAuthorizationLengthMax) {
        return malformed();
    }
    std::string_view scheme = header->substr(0, space);
    std::string_view credentials = header->substr(space);
    credentials.remove_prefix(std::min(credentials.find_first_not_of(' '), credentials.size()));
    if (credentials.empty()) return malformed();
    if (equal_without_case(scheme, "basic")) return secret_of_basic(credentials);
    if (equal_without_case(scheme, "bearer") || equal_without_case(scheme, "token")) {
        return std::optional<std::string>(credentials);
    }
    return malformed();
}

forge::Viewer Caller::viewer() const {
    return author ? author->viewer() : forge::Viewer::anonymous();
}

Expected<Caller> authenticate(const node::Node& node, const api::Request& request) {
    ASHLAR_TRY(std::optional<std::string> secret, token_secret_of(request));
    Caller caller;
    if (secret) {
        ASHLAR_TRY(caller.author, node.authenticate(*secret));
    }
    return caller;
}

}  // namespace ashlar::native
