// REST for the command's own use: one request, one JSON answer.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "native/client/http_client.h"

namespace ashlar::native {

struct RestAnswer {
    int status = 0;
    std::string body;
};

// Whether a server's /health/ready says that it is.
bool is_ready(std::string_view server);

class RestClient {
  public:
    // "http://127.0.0.1:8080" or "https://git.example.org"; fails with `invalid` on any other form.
    static Expected<RestClient> at(std::string_view server, std::string token);

    // `path` is the whole of it: "/api/v3/user". Fails with `unavailable` where no server answers.
    Expected<RestAnswer> request(std::string_view method, const std::string& path,
                                 const std::string& json) const;
    // The same, waiting no longer than that.
    Expected<RestAnswer> request_at(std::string_view method, const std::string& target,
                                    const std::string& json, std::chrono::seconds patience) const;

  private:
    RestClient(client::HttpClient http, std::string token)
        : http_(std::move(http)), token_(std::move(token)) {}

    client::HttpClient http_;
    std::string token_;
};

}  // namespace ashlar::native
