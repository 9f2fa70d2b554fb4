#include "native/command/rest_client.h"

namespace ashlar::native {

namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kProbePatience{5};
constexpr std::uint64_t kAnswerBytesMax = 16 << 20;

}  // namespace

Expected<RestClient> RestClient::at(std::string_view server, std::string token) {
    if (server.ends_with('/')) server.remove_suffix(1);
    auto address = client::parse_server_address(server);
    if (!address || address->origin != server) {
        return fail(ErrorCode::invalid,
                    "the server must be given as http://HOST:PORT or https://HOST, not \"" +
                        std::string(server) + "\"");
    }
    return RestClient(client::HttpClient(*std::move(address)), std::move(token));
}

Expected<RestAnswer> RestClient::request(std::string_view method, const std::string& path,
                                         const std::string& json) const {
    return request_at(method, path, json, kPatience);
}

bool is_ready(std::string_view server) {
    const auto client = RestClient::at(server, "");
    if (!client) return false;
    const auto answer = client->request_at("GET", "/health/ready", "", kProbePatience);
    return answer && answer->status == 200;
}

Expected<RestAnswer> RestClient::request_at(std::string_view method, const std::string& target,
                                            const std::string& json,
                                            std::chrono::seconds patience) const {
    client::HttpCall call;
    call.method = method;
    call.target = target;
    call.headers = {{"accept", "application/vnd.github+json"}};
    if (!token_.empty()) call.headers.emplace_back("authorization", "Bearer " + token_);
    if (!json.empty()) call.headers.emplace_back("content-type", "application/json");
    call.body = to_bytes(json);
    call.silence_max = patience;
    auto answer = http_.ask(call, kAnswerBytesMax);
    if (!answer && answer.error().code == ErrorCode::unavailable) {
        return fail(ErrorCode::unavailable,
                    answer.error().detail + " (is \"ashlar serve\" running?)");
    }
    if (!answer) return Unexpected(answer.error());
    return RestAnswer{answer->status, std::string(as_text(answer->body))};
}

}  // namespace ashlar::native
