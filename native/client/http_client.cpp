#include "native/client/http_client.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <boost/beast/http/write.hpp>

namespace ashlar::client {

namespace {

namespace beast = boost::beast;
namespace net = boost::asio;
using beast::http::field;
using Request = beast::http::request<beast::http::vector_body<Byte>>;
using Parser = beast::http::response_parser<beast::http::buffer_body>;
using ErrorNumber = beast::error_code;
using PlainStream = beast::tcp_stream;
using SecureStream = net::ssl::stream<beast::tcp_stream>;

constexpr std::size_t kPieceSize = std::size_t{64} << 10;
constexpr std::uint64_t kErrorBodyMax = std::uint64_t{64} << 10;

Unexpected unavailable(const ServerAddress& server, const std::string& why) {
    return fail(ErrorCode::unavailable, "no answer from " + server.origin + ": " + why);
}

// Starts each step of an exchange and runs the loop until it has ended, for Beast's time limits
// hold for asynchronous operations only.
class Steps {
  public:
    explicit Steps(std::chrono::seconds silence_max) : silence_max_(silence_max) {}

    template <typename Start>
    ErrorNumber wait(beast::tcp_stream& stream, const Start& start) {
        ErrorNumber result = net::error::would_block;
        stream.expires_after(silence_max_);
        start([&result](ErrorNumber error, const auto&...) { result = error; });
        context_.restart();
        context_.run();
        return result;
    }

    Expected<void> connect(const ServerAddress& server, beast::tcp_stream& stream) {
        ErrorNumber error;
        net::ip::tcp::resolver resolver(context_);
        auto found = resolver.resolve(server.host, server.port, error);
        // This machine (RFC 6761, section 6.3), also where no file of hosts says so.
        if (error && server.host == "localhost") {
            found = resolver.resolve("127.0.0.1", server.port, error);
        }
        if (error) return unavailable(server, error.message());
        error = wait(stream, [&](auto done) { stream.async_connect(found, done); });
        if (error) return unavailable(server, error.message());
        return {};
    }

    net::io_context& context() { return context_; }

  private:
    const std::chrono::seconds silence_max_;
    net::io_context context_;
};

// One request on a connection of its own, which is there.
template <typename Stream>
class Exchange {
  public:
    Exchange(const ServerAddress& server, Steps& steps, Stream& stream)
        : server_(server), steps_(steps), stream_(stream) {}

    Expected<void> send(const Request& request) {
        ErrorNumber error =
            wait([&](auto done) { beast::http::async_write(stream_, request, done); });
        if (error) return unavailable(server_, error.message());
        parser_.body_limit(boost::none);
        error = wait(
            [&](auto done) { beast::http::async_read_header(stream_, buffer_, parser_, done); });
        if (error) return unavailable(server_, error.message());
        return {};
    }

    // To its end, or until that many bytes have come.
    Expected<void> read_body(std::uint64_t enough, const BodySink& sink) {
        Bytes piece(kPieceSize);
        std::uint64_t read = 0;
        while (!parser_.is_done() && read < enough) {
            auto& body = parser_.get().body();
            body.data = piece.data();
            body.size = piece.size();
            body.more = true;
            ErrorNumber error = wait(
                [&](auto done) { beast::http::async_read_some(stream_, buffer_, parser_, done); });
            if (error == beast::http::error::need_buffer) error = {};
            if (error) return unavailable(server_, error.message());
            const std::size_t size = piece.size() - parser_.get().body().size;
            read += size;
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
    template <typename Start>
    ErrorNumber wait(const Start& start) {
        return steps_.wait(beast::get_lowest_layer(stream_), start);
    }

    const ServerAddress& server_;
    Steps& steps_;
    Stream& stream_;
    beast::flat_buffer buffer_;
    Parser parser_;
};

// The body of an answer that is no success goes into the answer, cut.
template <typename Stream>
Expected<HttpAnswer> exchange(const ServerAddress& server, Steps& steps, Stream& stream,
                              const Request& request, const BodySink& sink) {
    Exchange<Stream> exchange(server, steps, stream);
    ASHLAR_CHECK(exchange.send(request));
    HttpAnswer answer = exchange.head();
    // Of an error there is no more to read than what is shown, however long a server goes on.
    const bool is_good = answer.status == 200;
    const std::uint64_t enough = is_good ? UINT64_MAX : kErrorBodyMax;
    ASHLAR_CHECK(exchange.read_body(enough, [&](ByteView piece) -> Expected<void> {
        if (is_good) return sink(piece);
        append(answer.body, piece);
        return {};
    }));
    return answer;
}

Expected<HttpAnswer> exchange_plainly(const ServerAddress& server, Steps& steps,
                                      const Request& request, const BodySink& sink) {
    PlainStream stream(steps.context());
    ASHLAR_CHECK(steps.connect(server, stream));
    return exchange(server, steps, stream, request, sink);
}

// What the certificate has to be of. An address is no name: it is not told to the server (RFC
// 6066).
bool expect(SSL* connection, const std::string& host) {
    ErrorNumber is_name;
    net::ip::make_address(host, is_name);
    if (!is_name) {
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(connection), host.c_str()) == 1;
    }
    SSL_set_hostflags(connection, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(connection, host.c_str()) == 1 &&
           SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
}

Expected<void> shake_hands(const ServerAddress& server, Steps& steps, SecureStream& stream) {
    if (!expect(stream.native_handle(), server.host)) {
        return unavailable(server, "no certificate is of such a name");
    }
    stream.set_verify_mode(net::ssl::verify_peer);
    const ErrorNumber error = steps.wait(beast::get_lowest_layer(stream), [&](auto done) {
        stream.async_handshake(net::ssl::stream_base::client, done);
    });
    if (!error) return {};
    const long verified = SSL_get_verify_result(stream.native_handle());
    if (verified == X509_V_OK) return unavailable(server, error.message());
    return fail(ErrorCode::unavailable, server.origin + " does not show who it is: " +
                                            X509_verify_cert_error_string(verified) +
                                            " (SSL_CERT_FILE=FILE names an authority of your own)");
}

Expected<HttpAnswer> exchange_securely(const ServerAddress& server, Steps& steps,
                                       const Request& request, const BodySink& sink) {
    net::ssl::context trusted(net::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(trusted.native_handle(), TLS1_2_VERSION);
    trusted.set_default_verify_paths();
    SecureStream stream(steps.context(), trusted);
    ASHLAR_CHECK(steps.connect(server, beast::get_lowest_layer(stream)));
    ASHLAR_CHECK(shake_hands(server, steps, stream));
    return exchange(server, steps, stream, request, sink);
}

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

Expected<HttpAnswer> run(const ServerAddress& server, const HttpCall& call, const BodySink& sink) {
    // Asio and Beast may throw (out of memory, a header that cannot be); nothing leaves here.
    try {
        Steps steps(call.silence_max);
        const Request request = request_of(server, call);
        return server.is_secure ? exchange_securely(server, steps, request, sink)
                                : exchange_plainly(server, steps, request, sink);
    } catch (const std::exception& exception) {
        return unavailable(server, exception.what());
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
