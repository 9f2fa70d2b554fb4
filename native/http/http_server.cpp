#include "native/http/http_server.h"

#include <charconv>
#include <csignal>
#include <ctime>
#include <thread>
#include <vector>

#include "native/http/connection.h"

namespace ashlar::http {

namespace {

constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::milliseconds kStopPoll{20};
// What a client that came when all places were taken is told.
constexpr std::string_view kFull =
    "HTTP/1.1 503 Service Unavailable\r\nServer: ashlar\r\nRetry-After: 5\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n";

Awaitable<void> tick(IoThread& thread, ServerShared& shared) {
    Timer timer(thread.context.get_executor());
    for (;;) {
        thread.date = http_date(std::time(nullptr));
        Clock::time_point now = Clock::now();
        for (Connection* connection : thread.connections) {
            connection->check_deadline(now);
            if (shared.stopping) connection->stop_when_idle();
            if (shared.aborting) connection->abort();
        }
        timer.expires_after(kTick);
        co_await timer.async_wait(kTuple);
    }
}

Awaitable<void> serve(Socket socket, IoThread& thread, ServerShared& shared) {
    Connection connection(std::move(socket), thread, shared);
    co_await connection.run();
}

}  // namespace

struct HttpServer::Implementation {
    HttpSettings settings;
    std::vector<std::unique_ptr<IoThread>> io_threads;
    std::unique_ptr<Acceptor> acceptor;
    // Joined before the contexts go that they post to.
    WorkerPool quick_workers;
    WorkerPool long_workers;
    ServerShared shared;
    std::vector<std::thread> threads;
    std::uint16_t port = 0;
    std::size_t next_thread = 0;

    Implementation(HttpSettings given, HttpHandler& handler)
        : settings(std::move(given)),
          quick_workers(settings.worker_count),
          long_workers(settings.long_worker_count),
          shared{settings.limits, handler, quick_workers, long_workers} {}

    Awaitable<void> accept_all();
    void take(Socket socket, IoThread& thread);
};

Awaitable<void> HttpServer::Implementation::accept_all() {
    while (!shared.stopping) {
        IoThread& thread = *io_threads[next_thread];
        next_thread = (next_thread + 1) % io_threads.size();
        Socket socket(thread.context);
        auto [error] = co_await acceptor->async_accept(socket, kTuple);
        if (error == net::error::operation_aborted) co_return;
        if (error) {
            // Out of descriptors: those who wait in the backlog wait a little longer.
            Timer pause(acceptor->get_executor(), kTick);
            co_await pause.async_wait(kTuple);
            continue;
        }
        take(std::move(socket), thread);
    }
}

void HttpServer::Implementation::take(Socket socket, IoThread& thread) {
    if (shared.connection_count >= settings.limits.connections_max) {
        boost::system::error_code ignored;
        socket.native_non_blocking(true, ignored);
        socket.write_some(net::buffer(kFull), ignored);
        return;
    }
    ++shared.connection_count;
    auto shared_socket = std::make_shared<Socket>(std::move(socket));
    net::post(thread.context, [this, shared_socket, &thread] {
        net::co_spawn(thread.context, serve(std::move(*shared_socket), thread, shared),
                      net::detached);
    });
}

HttpServer::HttpServer(HttpSettings settings, HttpHandler& handler)
    : implementation_(std::make_unique<Implementation>(std::move(settings), handler)) {}

HttpServer::~HttpServer() {
    stop(std::chrono::milliseconds(0));
}

Expected<void> HttpServer::start() {
    Implementation& self = *implementation_;
    std::signal(SIGPIPE, SIG_IGN);  // sendfile raises it
    boost::system::error_code error;
    std::string host = self.settings.host == "localhost" ? "127.0.0.1" : self.settings.host;
    auto address = net::ip::make_address(host, error);
    if (error) return fail(ErrorCode::invalid, "not an address to listen on: " + host);
    for (std::size_t i = 0; i < self.settings.io_thread_count; ++i) {
        self.io_threads.push_back(std::make_unique<IoThread>());
    }
    net::ip::tcp::endpoint endpoint(address, self.settings.port);
    self.acceptor = std::make_unique<Acceptor>(self.io_threads.front()->context);
    self.acceptor->open(endpoint.protocol(), error);
    if (!error) self.acceptor->set_option(Acceptor::reuse_address(true), error);
    if (!error) self.acceptor->bind(endpoint, error);
    if (!error) self.acceptor->listen(4096, error);
    if (error) {
        return fail(ErrorCode::unavailable, "cannot listen on " + host + ":" +
                                                std::to_string(self.settings.port) + ": " +
                                                error.message());
    }
    self.port = self.acceptor->local_endpoint().port();
    for (auto& thread : self.io_threads) {
        net::co_spawn(thread->context, tick(*thread, self.shared), net::detached);
    }
    net::co_spawn(self.io_threads.front()->context, self.accept_all(), net::detached);
    for (auto& thread : self.io_threads) {
        self.threads.emplace_back([context = &thread->context] { context->run(); });
    }
    return {};
}

std::uint16_t HttpServer::port() const {
    return implementation_->port;
}

bool HttpServer::stop(std::chrono::milliseconds grace) {
    Implementation& self = *implementation_;
    if (self.threads.empty()) return true;
    self.shared.stopping = true;
    net::post(self.acceptor->get_executor(), [&self] { self.acceptor->close(); });
    Clock::time_point limit = Clock::now() + grace;
    while (self.shared.connection_count > 0 && Clock::now() < limit) {
        std::this_thread::sleep_for(kStopPoll);
    }
    bool all_ended = self.shared.connection_count == 0;
    self.shared.aborting = true;
    // A step that runs on a worker is waited for: what it does to the store must not be cut off.
    while (self.shared.connection_count > 0) std::this_thread::sleep_for(kStopPoll);
    for (auto& thread : self.io_threads) thread->context.stop();
    for (std::thread& thread : self.threads) thread.join();
    self.threads.clear();
    return all_ended;
}

Expected<HttpSettings> parse_listen_address(std::string_view text) {
    HttpSettings settings;
    std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) {
        return fail(ErrorCode::invalid,
                    "not HOST:PORT, such as 127.0.0.1:8080: " + std::string(text));
    }
    std::string_view host = text.substr(0, colon);
    std::string_view port = text.substr(colon + 1);
    if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    unsigned number = 0;
    auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
    if (port.empty() || parsed.ec != std::errc() || parsed.ptr != port.data() + port.size() ||
        number > 65535) {
        return fail(ErrorCode::invalid, "not a port from 0 to 65535: " + std::string(port));
    }
    settings.host = host;
    settings.port = static_cast<std::uint16_t>(number);
    return settings;
}

}  // namespace ashlar::http
