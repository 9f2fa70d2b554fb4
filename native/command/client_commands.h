// The commands that ask a server: account, token, repo.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ashlar::native {

struct ClientOptions {
    std::string server = "http://127.0.0.1:8080";
    std::string token_file = "ashlar-data/operator.token";
    std::optional<std::string> token;  // from the environment; before the file
    bool json = false;                 // the server's answer as it is
};

int create_account(const ClientOptions& options, const std::string& login);

struct TokenOptions {
    std::string account;
    std::string note;
    std::vector<std::string> scopes;
};
int create_token(const ClientOptions& options, const TokenOptions& token);

struct RepositoryOptions {
    std::string name;
    std::string description;
    bool is_private = false;
};
int create_repository(const ClientOptions& options, const RepositoryOptions& repository);
int list_repositories(const ClientOptions& options);
// "owner/name", or "name" of one's own.
int delete_repository(const ClientOptions& options, const std::string& name);

}  // namespace ashlar::native
