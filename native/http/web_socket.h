// A WebSocket (RFC 6455) as a handler sees it: whole binary messages in both directions. The
// server takes care of frames, pings, limits and the end.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::http {

// To the client. Every method may be called from any thread, and never waits.
class SocketOutbox {
  public:
    virtual ~SocketOutbox() = default;
    // In the order of the calls. False where the client is gone, or is cut off because it takes
    // less than it is sent (HttpLimits::socket_queue_bytes_max).
    virtual bool send(std::shared_ptr<const Bytes> message) = 0;
    // What waits to be sent.
    virtual std::size_t queued_bytes() const = 0;
};

// Whoever hears one client. The calls come from workers of the quick lane, one at a time.
class SocketListener {
  public:
    virtual ~SocketListener() = default;  // the client is gone, or about to be
    // The outbox may outlive the connection, and this.
    virtual void on_open(std::shared_ptr<SocketOutbox> outbox) = 0;
    // An error ends the connection, and its detail is the reason that the client is told.
    virtual Expected<void> on_message(Bytes message) = 0;
};

}  // namespace ashlar::http
