#include "native/api/rest_api.h"

#include <algorithm>

#include "native/api/errors.h"

namespace ashlar::native {

namespace {

constexpr std::size_t kSegmentsMax = 32;
constexpr std::size_t kHostLengthMax = 255;

// The parts between slashes, as sent; nothing where there are too many.
std::optional<std::vector<std::string_view>> split(std::string_view path) {
    std::vector<std::string_view> segments;
    while (!path.empty()) {
        path.remove_prefix(1);
        std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        if (segments.size() == kSegmentsMax) return std::nullopt;
        if (segment.empty() && path.empty()) break;  // a slash at the end
        segments.push_back(segment);
    }
    return segments;
}

// The decoded parameters, where the pattern matches.
std::optional<std::vector<std::string>> match(std::string_view pattern,
                                              const std::vector<std::string_view>& segments) {
    auto parts = split(pattern);
    if (!parts || parts->size() != segments.size()) return std::nullopt;
    std::vector<std::string> parameters;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (!(*parts)[i].starts_with('{')) {
            if ((*parts)[i] != segments[i]) return std::nullopt;
            continue;
        }
        auto decoded = api::percent_decode(segments[i]);
        if (!decoded || decoded->empty()) return std::nullopt;
        parameters.push_back(std::move(*decoded));
    }
    return parameters;
}

struct Matched {
    const RestRoute* route = nullptr;
    std::vector<std::string> parameters;
    std::string allowed;  // methods of the routes whose pattern fits, where none has the method
};

Matched find_route(const api::Request& request) {
    Matched result;
    const bool of_network = request.path.starts_with(kNetworkPrefix);
    const std::string_view prefix = of_network ? kNetworkPrefix : kRestPrefix;
    auto segments = split(std::string_view(request.path).substr(prefix.size()));
    if (!segments) return result;
    std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
    for (const RestRoute& route : of_network ? network_routes() : rest_routes()) {
        auto parameters = match(route.pattern, *segments);
        if (!parameters) continue;
        if (route.method == method) {
            result.route = &route;
            result.parameters = std::move(*parameters);
            return result;
        }
        if (!result.allowed.empty()) result.allowed.append(", ");
        result.allowed.append(route.method);
    }
    return result;
}

class RestExchange final : public http::HttpExchange {
  public:
    RestExchange(const RestApi& api, BodyBudget& budget, api::Request request)
        : api_(api), request_(std::move(request)), body_(budget) {}
    http::BodyDemand on_body(Bytes piece) override {
        overloaded_ = !body_.add(piece);
        return overloaded_ ? http::BodyDemand::discard : http::BodyDemand::more;
    }
    http::HttpReply respond() override {
        http::HttpReply reply;
        reply.response =
            overloaded_ ? rest_error_of(overload()) : api_.respond(request_, body_.bytes());
        return reply;
    }

  private:
    const RestApi& api_;
    api::Request request_;
    BodyBuffer body_;
    bool overloaded_ = false;
};

Expected<JsonObject> read_body(ByteView body) {
    if (body.empty()) return JsonObject();
    ASHLAR_TRY(JsonValue value, read_json(body));
    if (const JsonObject* object = value.object()) return *object;
    return fail(ErrorCode::invalid, "Body should be a JSON object");
}

void add_caller_headers(api::Response& response, const Caller& caller) {
    if (!caller.author) return;
    std::string names;
    for (const std::string& name : forge::to_names(caller.author->token.scopes)) {
        if (!names.empty()) names.append(", ");
        names.append(name);
    }
    response.headers.emplace_back("x-oauth-scopes", names);
}

}  // namespace

std::string base_url_of(const api::Request& request) {
    std::string_view host = request.header("host").value_or("");
    bool well_formed = !host.empty() && host.size() <= kHostLengthMax &&
                       std::all_of(host.begin(), host.end(), [](char character) {
                           return (character >= 'a' && character <= 'z') ||
                                  (character >= 'A' && character <= 'Z') ||
                                  (character >= '0' && character <= '9') || character == '.' ||
                                  character == '-' || character == ':' || character == '[' ||
                                  character == ']';
                       });
    return "http://" + (well_formed ? std::string(host) : std::string("localhost"));
}

api::Response rest_error_of(const Error& error) {
    // What may not be seen and what does not exist read the same.
    if (error.code == ErrorCode::not_found) return api::rest_error(404, "Not Found");
    api::Response response = api::rest_error(status_of(error.code), public_text_of(error));
    if (error.code == ErrorCode::unavailable) {
        response.headers.emplace_back("retry-after", kRetryAfterSeconds);
    }
    return response;
}

RestApi::RestApi(node::Node& node, BodyBudget& budget, std::string base_url)
    : node_(node), budget_(budget), base_url_(std::move(base_url)) {}

std::variant<http::HttpReply, http::HttpPlan> RestApi::start(const api::Request& request) const {
    bool has_body = request.method != "GET" && request.method != "HEAD";
    if (!has_body) {
        http::HttpReply reply;
        reply.response = respond(request, {});
        return reply;
    }
    http::HttpPlan plan;
    plan.exchange = std::make_unique<RestExchange>(*this, budget_, request);
    plan.lane = http::Lane::long_running;  // a write waits for the ledger
    plan.body_bytes_max = kJsonBytesMax;
    return plan;
}

api::Response RestApi::respond(const api::Request& request, ByteView body) const {
    auto caller = authenticate(node_, request);
    if (!caller) return api::rest_error(401, "Bad credentials");
    Matched matched = find_route(request);
    if (matched.route == nullptr && !matched.allowed.empty()) {
        api::Response response = api::rest_error(405, "this address takes " + matched.allowed);
        response.headers.emplace_back("allow", matched.allowed);
        return response;
    }
    if (matched.route == nullptr) return api::rest_error(404, "Not Found");
    auto object = read_body(body);
    if (!object) return rest_error_of(object.error());
    RestCall call{node_,
                  request,
                  *caller,
                  {base_url_.empty() ? base_url_of(request) : base_url_},
                  std::move(matched.parameters),
                  std::move(*object)};
    RestResult result = matched.route->handler(call);
    api::Response response = result ? std::move(*result) : rest_error_of(result.error());
    add_caller_headers(response, *caller);
    return response;
}

}  // namespace ashlar::native
