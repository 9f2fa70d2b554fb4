#include "forge/records.h"

namespace ashlar::forge {

crypto::Digest token_secret_hash(std::string_view secret) {
    return crypto::hash("ashlar token secret", as_bytes(secret));
}

bool is_valid_at(const Token& token, std::uint64_t time_ms) {
    return !token.revoked && (!token.expires_ms || time_ms < *token.expires_ms);
}

std::string_view to_string(Visibility visibility) {
    return visibility == Visibility::visible_to_all ? "public" : "private";
}

}  // namespace ashlar::forge
