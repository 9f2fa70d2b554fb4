// JSON in the shapes of GitHub's REST API (the public reference of an Enterprise Server's REST), so
// that its clients read ours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/request.h"
#include "base/error.h"
#include "base/json_writer.h"
#include "forge/access.h"
#include "forge/records.h"

namespace ashlar::api {

// Where addresses in answers begin.
struct RestUrls {
    std::string base;  // "http://127.0.0.1:8080"
    std::string api() const { return base + "/api/v3"; }
};

// "2011-01-26T19:01:12Z"
std::string rest_time(std::uint64_t time_ms);

// A "simple user", as it stands in other objects.
void write_simple_user(JsonWriter& json, const RestUrls& urls, const forge::Account& account);
// With the counts and times of GET /users/{login}; `with_private` adds what only they see.
void write_user(JsonWriter& json, const RestUrls& urls, const forge::Account& account);

// A repository as `viewer` sees it.
void write_repository(JsonWriter& json, const RestUrls& urls, const forge::Repository& repository,
                      const forge::Account& owner, const forge::Viewer& viewer);

// A token as answered once, at its creation (an "authorization").
void write_authorization(JsonWriter& json, const RestUrls& urls, const forge::Token& token,
                         std::string_view secret);

// An SSH key as its account sees it.
void write_ssh_key(JsonWriter& json, const RestUrls& urls, const forge::SshKey& key);
// As everybody sees it.
void write_public_ssh_key(JsonWriter& json, const forge::SshKey& key);

// One entry of `errors` in an error answer.
struct RestFieldError {
    std::string resource;  // "Repository"
    std::string field;     // "name"
    std::string code;      // "missing_field", "invalid", "already_exists", "custom"
    std::string message;   // for "custom"
};

Response rest_json(int status, std::string json);
Response rest_error(int status, std::string_view message,
                    const std::vector<RestFieldError>& errors = {});

}  // namespace ashlar::api
