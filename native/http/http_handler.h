// What answers requests, in steps. Every step runs on a worker, one at a time for one request, and
// waits for no client: the server brings the pieces and takes the answer away.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "api/request.h"
#include "base/bytes.h"
#include "native/http/web_socket.h"

namespace ashlar::http {

struct Peer {
    std::string address;  // "127.0.0.1"
    std::uint16_t port = 0;
};

// Which workers run the steps. What can wait long (for the ledger) or work long (a pack) has
// workers of its own, so that it never holds up what is quick.
enum class Lane { quick, long_running };

struct HttpReply {
    api::Response response;
    Lane lane = Lane::quick;  // of the steps of its stream
    // Called now and then while a stream's next chunk takes long, from another thread than that
    // works on it: what it gives is sent at once (git: progress, or an empty side-band packet), so
    // that neither the client nor a proxy gives up. Only for streams of unknown length.
    std::function<Bytes()> keepalive;
};

// Whether an exchange wants the rest of the body, or knows its answer already: then the server
// reads what still comes and throws it away (git clients read no answer before they have sent all).
enum class BodyDemand { more, discard };

class HttpExchange {
  public:
    virtual ~HttpExchange() = default;
    // The next piece of the body, unpacked, never empty. Not called again after `discard`.
    virtual BodyDemand on_body(Bytes piece) = 0;
    // The body is complete (or was discarded). Called once.
    virtual HttpReply respond() = 0;
    // An exchange that is destroyed without respond() lost its client: nothing of it may stay. One
    // that has responded is destroyed before its answer goes out, which owns what it needs.
};

// An exchange, and how large its body may be, packed and unpacked.
struct HttpPlan {
    std::unique_ptr<HttpExchange> exchange;
    std::uint64_t body_bytes_max = 0;
    Lane lane = Lane::quick;  // of the exchange's steps, and of its answer's stream
};

class HttpHandler {
  public:
    virtual ~HttpHandler() = default;
    // An answer that takes no time to make (a probe), or nothing. Called on an I/O thread: it must
    // not block, nor take a body.
    virtual std::optional<HttpReply> answer_at_once(const api::Request&) { return std::nullopt; }
    // Decides from the head alone (its body is empty here). A reply given at once refuses the body:
    // who asked with "Expect: 100-continue" does not send it. On the
    // quick lane; called from many threads.
    virtual std::variant<HttpReply, HttpPlan> start(api::Request head, const Peer& peer) = 0;
    // Who hears the client that asks for a WebSocket here; null: nobody does, and the request is
    // answered like any other. On the quick lane, too.
    virtual std::unique_ptr<SocketListener> open_socket(const api::Request&) { return nullptr; }
};

// A short plain text answer, such as the server's own refusals.
HttpReply text_reply(int status, std::string_view text);

}  // namespace ashlar::http
