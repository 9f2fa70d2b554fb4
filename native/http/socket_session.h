// One WebSocket on its connection: reads messages as they are asked for, and sends what is in its
// outbox. On the one thread of its io_context, but for the outbox.
#pragma once

#include <memory>
#include <string>

#include "native/http/asio.h"
#include "native/http/http_server.h"
#include "native/http/web_socket.h"

namespace ashlar::http {

// Whether the client asks for a WebSocket.
bool asks_for_socket(const api::Request& head);

class SocketSession {
  public:
    virtual ~SocketSession() = default;
    static std::shared_ptr<SocketSession> make(Socket socket, net::io_context& context,
                                               const HttpLimits& limits);

    // Answers the handshake; false where it was none that can be answered.
    virtual Awaitable<bool> accept(const api::Request& head) = 0;
    // To be started once, beside the reads; ends after end(), or when the client is lost.
    virtual Awaitable<void> write_all() = 0;
    // False where no more messages come.
    virtual Awaitable<bool> read(Bytes& message) = 0;
    // Sends what waits, then the reason, and closes. The first reason counts.
    virtual void end(bool is_stopping, std::string reason) = 0;
    // Closes at once.
    virtual void cut() = 0;
    // Waits until write_all() has ended.
    virtual Awaitable<void> ended() = 0;
    virtual std::shared_ptr<SocketOutbox> outbox() = 0;
};

}  // namespace ashlar::http
