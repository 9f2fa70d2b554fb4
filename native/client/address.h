// Where a repository is, as people write it: "https://HOST:PORT/OWNER/NAME" or with http, with
// ".git" or not, with "USER:TOKEN@" or not.
#pragma once

#include <string>
#include <string_view>

#include "base/expected.h"

namespace ashlar::client {

struct ServerAddress {
    bool is_secure = false;     // https
    std::string host;           // without the brackets of an IPv6 address
    std::string port;           // the scheme's own where none is given
    std::string origin;         // "https://HOST:PORT"
    std::string authorization;  // the header's value; empty: none
};

struct RepositoryAddress {
    ServerAddress server;
    std::string path;  // as given: "/alice/hello.git"
    std::string owner;
    std::string repository;  // without ".git"
};

// Fail with `invalid`.
Expected<ServerAddress> parse_server_address(std::string_view url);
Expected<RepositoryAddress> parse_repository_address(std::string_view url);

}  // namespace ashlar::client
