// A connection that became a WebSocket.
#include "native/http/connection.h"
#include "native/http/connection_steps.h"

namespace ashlar::http {

namespace {

// Holds the session until it has ended, whatever becomes of the connection.
Awaitable<void> write_all(std::shared_ptr<SocketSession> session) {
    co_await session->write_all();
}

}  // namespace

Awaitable<bool> Connection::serve_socket(const RequestHead& head) {
    std::optional<HttpReply> failure;
    std::unique_ptr<SocketListener> listener;
    co_await on_worker(Lane::quick, [&] {
        guarded(failure, [&] { listener = shared_.handler.open_socket(head.request); });
    });
    if (!listener && !failure) co_return false;
    if (!failure && shared_.socket_count >= shared_.limits.sockets_max) {
        failure = text_reply(503, "too many listen already; try again later");
    }
    // A client waits for the answer before it sends a frame.
    if (!failure && (head.has_body() || buffer_.size() > 0)) {
        failure = text_reply(400, "bytes behind the request for a WebSocket");
    }
    if (failure) {
        co_await refuse(std::move(*failure));
        co_return true;
    }
    ++shared_.socket_count;
    session_ = SocketSession::make(std::move(socket_), thread_.context, shared_.limits);
    bool accepted = co_await session_->accept(head.request);
    if (accepted) co_await hear_socket(*listener);
    session_->cut();
    co_await on_worker(Lane::quick, [&] { listener.reset(); });
    --shared_.socket_count;
    co_return true;
}

Awaitable<void> Connection::hear_socket(SocketListener& listener) {
    net::co_spawn(thread_.context, write_all(session_), net::detached);
    std::optional<HttpReply> failure;
    Expected<void> heard;
    co_await on_worker(Lane::quick,
                       [&] { guarded(failure, [&] { listener.on_open(session_->outbox()); }); });
    Bytes message;
    while (!failure && heard && !aborted_) {
        bool more = co_await session_->read(message);
        if (!more) break;
        co_await on_worker(Lane::quick, [&] {
            guarded(failure, [&] { heard = listener.on_message(std::move(message)); });
        });
    }
    session_->end(false, failure ? "the server failed on this" : heard ? "" : heard.error().detail);
    co_await session_->ended();
}

}  // namespace ashlar::http
