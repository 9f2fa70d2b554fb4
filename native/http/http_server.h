// An HTTP/1.1 server: keep-alive, pipelining (answered in order), chunked and gzipped bodies,
// Expect: 100-continue, limits on everything a client can stretch. One io_context a thread; the
// handler's steps run on a pool of workers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/expected.h"
#include "native/http/http_handler.h"

namespace ashlar::http {

struct HttpLimits {
    std::size_t connections_max = 10'000;  // more are answered 503 and closed
    std::size_t head_bytes_max = 32 << 10;
    std::size_t header_count_max = 100;
    std::chrono::milliseconds head_time_max{15'000};     // from its first byte to its last
    std::chrono::milliseconds idle_time_max{75'000};     // between two requests
    std::chrono::milliseconds body_stall_max{60'000};    // without a byte of the body
    std::chrono::milliseconds body_rate_grace{30'000};   // waited for the body before a rate counts
    std::uint64_t body_rate_bytes_per_second_min = 256;  // averaged over the waiting
    std::chrono::milliseconds write_stall_max{60'000};   // without the client taking a byte
    std::uint64_t discard_bytes_max = std::uint64_t{4} << 30;  // of a body whose answer is known
    std::chrono::milliseconds linger_time_max{2'000};  // for a refused client to read its answer
    std::chrono::milliseconds keepalive_interval{1'000};
    std::size_t sockets_max = 1'000;  // WebSockets; more are answered 503
    std::size_t socket_message_bytes_max = std::size_t{1} << 20;  // of a client's message
    std::size_t socket_queue_bytes_max = std::size_t{16} << 20;   // a slower client is cut off
};

struct HttpSettings {
    std::string host = "127.0.0.1";  // an address, or "localhost"
    std::uint16_t port = 0;          // 0: any free one
    std::size_t io_thread_count = 2;
    std::size_t worker_count = 8;        // of the quick lane
    std::size_t long_worker_count = 32;  // of the long-running one
    HttpLimits limits;
};

// "127.0.0.1:8080", "[::1]:8080" or "localhost:8080". Fails with `invalid`.
Expected<HttpSettings> parse_listen_address(std::string_view text);

class HttpServer {
  public:
    // The handler outlives the server.
    HttpServer(HttpSettings settings, HttpHandler& handler);
    ~HttpServer();  // stops at once
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // Listens and serves, in threads of its own. Fails with `unavailable` where the address cannot
    // be had, and with `invalid` where it is none.
    Expected<void> start();
    std::uint16_t port() const;
    // Refuses new connections, closes idle ones, and gives running requests this long to end.
    // Returns whether all of them did.
    bool stop(std::chrono::milliseconds grace);

  private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ashlar::http
