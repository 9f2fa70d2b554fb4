#include "native/command/rest_client.h"

#include <poll.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>

namespace ashlar::native {

namespace {

namespace beast = boost::beast;
namespace net = boost::asio;

constexpr std::string_view kScheme = "http://";
constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::seconds kProbePatience{5};
constexpr std::uint64_t kAnswerBytesMax = 16 << 20;

}  // namespace

Expected<RestClient> RestClient::at(std::string_view server, std::string token) {
    if (server.ends_with('/')) server.remove_suffix(1);
    std::string_view authority = server;
    bool is_http = authority.starts_with(kScheme);
    if (is_http) authority.remove_prefix(kScheme.size());
    std::size_t colon = authority.rfind(':');
    bool has_port =
        colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
    std::string_view host = has_port ? authority.substr(0, colon) : authority;
    if (!is_http || host.empty() || authority.find_first_of("/?#@ ") != std::string_view::npos) {
        return fail(ErrorCode::invalid, "the server must be given as http://HOST:PORT, not \"" +
                                            std::string(server) + "\"");
    }
    RestClient client;
    client.server_ = server;
    client.port_ = has_port ? authority.substr(colon + 1) : std::string_view("80");
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    client.host_ = host;
    client.token_ = std::move(token);
    return client;
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
    // Asio and Beast throw here; nothing of it leaves this function.
    try {
        net::io_context context;
        net::ip::tcp::resolver resolver(context);
        beast::tcp_stream stream(context);
        stream.connect(resolver.resolve(host_, port_));

        beast::http::request<beast::http::string_body> request;
        request.version(11);
        request.method_string({method.data(), method.size()});
        request.target(target);
        request.set(beast::http::field::host, host_ + ":" + port_);
        request.set(beast::http::field::user_agent, "ashlar");
        request.set(beast::http::field::accept, "application/vnd.github+json");
        request.set(beast::http::field::connection, "close");
        if (!token_.empty()) request.set(beast::http::field::authorization, "Bearer " + token_);
        if (!json.empty()) {
            request.set(beast::http::field::content_type, "application/json");
            request.body() = json;
        }
        request.prepare_payload();
        beast::http::write(stream, request);

        // Blocking reads know no deadline: something that listens may never say a word.
        pollfd waiting{stream.socket().native_handle(), POLLIN, 0};
        const auto patience_ms = std::chrono::milliseconds(patience).count();
        if (::poll(&waiting, 1, static_cast<int>(patience_ms)) == 0) {
            return fail(ErrorCode::unavailable, server_ + " takes requests and does not answer");
        }

        beast::flat_buffer buffer;
        beast::http::response_parser<beast::http::string_body> parser;
        parser.body_limit(kAnswerBytesMax);
        beast::http::read(stream, buffer, parser);
        return RestAnswer{static_cast<int>(parser.get().result_int()),
                          std::move(parser.get().body())};
    } catch (const std::exception& exception) {
        return fail(ErrorCode::unavailable, "no answer from " + server_ + ": " + exception.what() +
                                                " (is \"ashlar serve\" running?)");
    }
}

}  // namespace ashlar::native
