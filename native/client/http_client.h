// An HTTP client, with TLS or without: one request, one answer, held whole or taken piece by piece
// as it arrives. With https the server shows a certificate for its name from one of the machine's
// authorities (or of SSL_CERT_FILE and SSL_CERT_DIR, as OpenSSL has it), or nothing is sent.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "api/request.h"
#include "native/client/address.h"

namespace ashlar::client {

// How long a server may stay silent.
inline constexpr std::chrono::seconds kSilenceMaxDefault{120};

struct HttpCall {
    std::string method = "GET";
    std::string target;    // path and query
    api::Headers headers;  // besides those that every request has
    Bytes body;
    std::chrono::seconds silence_max = kSilenceMaxDefault;
};

struct HttpAnswer {
    int status = 0;
    std::string content_type;
    Bytes body;  // empty where a sink took it; of what is no success the beginning
};

// Takes the body of an answer with status 200; an error ends the exchange and is what it gives.
using BodySink = std::function<Expected<void>(ByteView piece)>;

class HttpClient {
  public:
    explicit HttpClient(ServerAddress server) : server_(std::move(server)) {}

    const ServerAddress& server() const { return server_; }

    // Both fail with `unavailable` where no server answers or stays silent for too long, or where
    // its certificate does not show who it is; with `limit_exceeded` where the answer is longer
    // than the limit.
    Expected<HttpAnswer> ask(const HttpCall& call, std::uint64_t body_bytes_max) const;
    Expected<HttpAnswer> stream(const HttpCall& call, const BodySink& sink) const;

  private:
    ServerAddress server_;
};

}  // namespace ashlar::client
