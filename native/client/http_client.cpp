#include "native/client/http_client.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>

namespace ashlar::client {

namespace {

namespace beast = boost::beast;
namespace net = boost::asio;
using beast::http::field;
using Request = beast::http::request<beast::http::vector_body<Byte>>;
using Parser = beast::http::response_parser<beast::http::buffer_body>;
using ErrorNumber = beast::error_code;

constexpr std::chrono::seconds kSilenceMax{120};
constexpr std::size_t kPieceSize = std::size_t{64} << 10;
constexpr std::uint64_t kErrorBodyMax = std::uint64_t{64} << 10;

// One request on a connection of its own. Beast's time limits hold for asynchronous operations
// only, so each step is started and the loop is run until it has ended.
class Exchange {
  public:
    Expected<void> send(const ServerAddress& server, const Request& request) {
        ErrorNumber error;
        net::ip::tcp::resolver resolver(context_);
        const auto found = resolver.resolve(server.host, server.port, error);
        if (error) return unavailable(server, error);
        error = wait([&](auto done) { stream_.async_connect(found, done); });
        if (error) return unavailable(server, error);
        error = wait([&](auto done) { beast::http::async_write(stream_, request, done); });
        if (error) return unavailable(server, error);
        parser_.body_limit(boost::none);
        error = wait(
            [&](auto done) { beast::http::async_read_header(stream_, buffer_, parser_, done); });
        if (error) return unavailable(server, error);
        return {};
    }

    Expected<void> read_body(const ServerAddress& server, const BodySink& sink) {
        Bytes piece(kPieceSize);
        while (!parser_.is_done()) {
            auto& body = parser_.get().body();
            body.data = piece.data();
            body.size = piece.size();
            body.more = true;
            ErrorNumber error = wait(
                [&](auto done) { beast::http::async_read_some(stream_, buffer_, parser_, done); });
            if (error == beast::http::error::need_buffer) error = {};
            if (error) return unavailable(server, error);
            const std::size_t size = piece.size() - parser_.get().body().size;
            if (size > 0) ASHLAR_CHECK(sink(ByteView(piece.data(), size)));
        }
        return {};
    }

    HttpAnswer head() {
        HttpAnswer answer;
        answer.status = static_cast<int>(parser_.get().result_int());
        const auto type = parser_.get()[field::content_type];
        answer.content_type.assign(type.data(), type.size());
        return answer;
    }

  private:
    static Unexpected unavailable(const ServerAddress& server, const ErrorNumber& error) {
        return fail(ErrorCode::unavailable,
                    "no answer from " + server.origin + ": " + error.message());
    }

    template <typename Start>
    ErrorNumber wait(const Start& start) {
        ErrorNumber result = net::error::would_block;
        stream_.expires_after(kSilenceMax);
        start([&result](ErrorNumber error, const auto&...) { result = error; });
        context_.restart();
        context_.run();
        return result;
    }

    net::io_context context_;
    beast::tcp_stream stream_{context_};
    beast::flat_buffer buffer_;
    Parser parser_;
};

Request request_of(const ServerAddress& server, const HttpCall& call) {
    Request request;
    request.version(11);
    request.method_string(call.method);
    request.target(call.target);
    request.set(field::host, server.origin.substr(server.origin.find("//") + 2));
    request.set(field::user_agent, "ashlar");
    request.set(field::connection, "close");
    if (!server.authorization.empty()) request.set(field::authorization, server.authorization);
    for (const auto& [name, value] : call.headers) request.set(name, value);
    request.body() = call.body;
    request.prepare_payload();
    return request;
}

// The whole exchange. The body of an answer that is no success goes into the answer, cut.
Expected<HttpAnswer> run(const ServerAddress& server, const HttpCall& call, const BodySink& sink) {
    // Asio and Beast may throw (out of memory, a header that cannot be); nothing leaves here.
    try {
        Exchange exchange;
        ASHLAR_CHECK(exchange.send(server, request_of(server, call)));
        HttpAnswer answer = exchange.head();
        ASHLAR_CHECK(exchange.read_body(server, [&](ByteView piece) -> Expected<void> {
            if (answer.status == 200) return sink(piece);
            if (answer.body.size() < kErrorBodyMax) append(answer.body, piece);
            return {};
        }));
        return answer;
    } catch (const std::exception& exception) {
        return fail(ErrorCode::unavailable,
                    "no answer from " + server.origin + ": " + exception.what());
    }
}

}  // namespace

Expected<HttpAnswer> HttpClient::ask(const HttpCall& call, std::uint64_t body_bytes_max) const {
    Bytes body;
    ASHLAR_TRY(HttpAnswer answer, run(server_, call, [&](ByteView piece) -> Expected<void> {
                   if (body.size() + piece.size() > body_bytes_max) {
                       return fail(ErrorCode::limit_exceeded,
                                   "the answer of " + server_.origin + " to " + call.target +
                                       " is longer than " + std::to_string(body_bytes_max) +
                                       " bytes");
                   }
                   append(body, piece);
                   return {};
               }));
    if (answer.status == 200) answer.body = std::move(body);
    return answer;
}

Expected<HttpAnswer> HttpClient::stream(const HttpCall& call, const BodySink& sink) const {
    return run(server_, call, sink);
}

}  // namespace ashlar::client
