// The REST routes: under /api/v3, shaped as GitHub Enterprise Server has them; under /api/ashlar/v1
// what GitHub has not.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/rest_shapes.h"
#include "native/api/authentication.h"
#include "native/api/body_buffer.h"
#include "native/api/json_reader.h"
#include "native/http/http_handler.h"
#include "native/node/node.h"

namespace ashlar::native {

inline constexpr std::string_view kRestPrefix = "/api/v3";
inline constexpr std::string_view kNetworkPrefix = "/api/ashlar/v1";

// One request, as its handler sees it.
struct RestCall {
    node::Node& node;
    const api::Request& request;
    const Caller& caller;
    api::RestUrls urls;
    std::vector<std::string> parameters;  // what stands for {...} in the route, decoded
    JsonObject body;                      // of a POST, PUT or PATCH; empty where there was none

    const std::string& parameter(std::size_t index) const { return parameters[index]; }
};

// What a handler gives: an answer, or why not.
using RestResult = Expected<api::Response>;

struct RestRoute {
    std::string_view method;   // "GET"; it answers HEAD, too
    std::string_view pattern;  // "/repos/{owner}/{repo}", without the prefix
    RestResult (*handler)(const RestCall& call);
};

// Every route that is served below kRestPrefix, and below kNetworkPrefix. The order does not
// matter: no two match one address.
const std::vector<RestRoute>& rest_routes();
const std::vector<RestRoute>& network_routes();

class RestApi {
  public:
    // Node and budget outlive this. `base_url` begins the addresses in answers; where it is empty,
    // the request's Host header does.
    RestApi(node::Node& node, BodyBudget& budget, std::string base_url);

    // The path begins with kRestPrefix or kNetworkPrefix.
    std::variant<http::HttpReply, http::HttpPlan> start(const api::Request& request) const;
    // With the whole body.
    api::Response respond(const api::Request& request, ByteView body) const;

  private:
    node::Node& node_;
    BodyBudget& budget_;
    const std::string base_url_;
};

// "http://HOST" of the request, where its Host header is well formed; else "http://localhost".
std::string base_url_of(const api::Request& request);

// An error as REST answers it.
api::Response rest_error_of(const Error& error);

}  // namespace ashlar::native
