// The commands that ask a server: account, token, repo, validator.
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

struct ValidatorOptions {
    std::string validator;  // which one: its name or its public key
    std::string key;
    std::string name;
    std::string address;
};
int list_validators(const ClientOptions& options);
// Prints the public key of a validator's key file, which is made where there is none.
int show_validator_key(const std::string& path);
int add_validator(const ClientOptions& options, const ValidatorOptions& validator);
// What is empty stays as it is.
int replace_validator(const ClientOptions& options, const ValidatorOptions& validator);
int remove_validator(const ClientOptions& options, const ValidatorOptions& validator);

}  // namespace ashlar::native
