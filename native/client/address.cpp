#include "native/client/address.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "api/request.h"
#include "base/base64.h"

namespace ashlar::client {

namespace {

struct Scheme {
    std::string_view prefix;
    std::string_view port;
    bool is_secure;
};
constexpr Scheme kSchemes[] = {{"http://", "80", false}, {"https://", "443", true}};
constexpr std::string_view kRemoteHelperPrefix = "ashlar::";
constexpr std::string_view kSuffix = ".git";

Unexpected malformed(std::string_view url) {
    return fail(ErrorCode::invalid, "\"" + std::string(url) +
                                        "\" is no address of a repository: give it as "
                                        "https://HOST/OWNER/NAME or http://HOST:PORT/OWNER/NAME");
}

bool is_host_character(char character) {
    return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') || character == '.' || character == '-' ||
           character == ':' || character == '[' || character == ']';
}

Expected<std::string> authorization_of(std::string_view user_info) {
    ASHLAR_TRY(std::string decoded, api::percent_decode(user_info));
    if (decoded.find(':') == std::string::npos) decoded.push_back(':');
    return "Basic " + to_base64(as_bytes(decoded));
}

// "HOST:PORT" or "[ADDRESS]:PORT".
bool take_authority(const Scheme& scheme, std::string_view authority, ServerAddress& server) {
    if (authority.empty() || !std::all_of(authority.begin(), authority.end(), is_host_character)) {
        return false;
    }
    const std::size_t colon = authority.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
    std::string_view host = authority.substr(0, has_port ? colon : authority.size());
    server.port = has_port ? authority.substr(colon + 1) : scheme.port;
    server.is_secure = scheme.is_secure;
    server.origin = std::string(scheme.prefix) + std::string(authority);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    server.host = host;
    return !server.host.empty() && !server.port.empty();
}

}  // namespace

Expected<ServerAddress> parse_server_address(std::string_view url) {
    std::string_view rest = url;
    if (rest.starts_with(kRemoteHelperPrefix)) rest.remove_prefix(kRemoteHelperPrefix.size());
    const auto scheme = std::find_if(std::begin(kSchemes), std::end(kSchemes),
                                     [&](const auto& one) { return rest.starts_with(one.prefix); });
    if (scheme == std::end(kSchemes)) return malformed(url);
    rest.remove_prefix(scheme->prefix.size());
    std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    ServerAddress server;
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
        ASHLAR_TRY(server.authorization, authorization_of(authority.substr(0, at)));
        authority.remove_prefix(at + 1);
    }
    if (!take_authority(*scheme, authority, server)) return malformed(url);
    return server;
}

Expected<RepositoryAddress> parse_repository_address(std::string_view url) {
    RepositoryAddress address;
    ASHLAR_TRY(address.server, parse_server_address(url));
    std::string_view path = url.substr(url.find("://") + 3);
    path.remove_prefix(std::min(path.find('/'), path.size()));
    while (path.ends_with('/')) path.remove_suffix(1);
    address.path = path;
    if (path.find_first_of("?#") != std::string_view::npos) return malformed(url);
    std::vector<std::string> segments;
    while (path.starts_with('/')) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        ASHLAR_TRY(std::string decoded, api::percent_decode(segment));
        segments.push_back(std::move(decoded));
    }
    if (segments.size() == 3 && segments.front() == "git") segments.erase(segments.begin());
    if (segments.size() != 2) return malformed(url);
    address.owner = segments[0];
    address.repository = segments[1];
    if (address.repository.ends_with(kSuffix)) {
        address.repository.resize(address.repository.size() - kSuffix.size());
    }
    if (address.owner.empty() || address.repository.empty()) return malformed(url);
    return address;
}

}  // namespace ashlar::client
