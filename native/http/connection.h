// One client's connection: reads requests one after the other and answers each, on the one thread
// of its io_context; the handler's steps run on workers meanwhile.
#pragma once

#include <atomic>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <functional>
#include <optional>
#include <unordered_set>

#include "native/http/asio.h"
#include "native/http/gzip_decoder.h"
#include "native/http/http_server.h"
#include "native/http/request_head.h"
#include "native/http/response_head.h"
#include "native/http/socket_session.h"
#include "native/http/worker_pool.h"

namespace ashlar::http {

class Connection;

// What the connections of one I/O thread share. Touched by that thread only.
struct IoThread {
    net::io_context context{1};
    std::unordered_set<Connection*> connections;
    Clock::time_point now = Clock::now();  // as of the last tick
    std::string date;                      // for the Date header, as of the last tick
};

// What all connections share.
struct ServerShared {
    HttpLimits limits;
    HttpHandler& handler;
    WorkerPool& quick_workers;
    WorkerPool& long_workers;
    std::atomic<std::size_t> connection_count{0};
    std::atomic<std::size_t> socket_count{0};  // of the connections that are WebSockets
    std::atomic<bool> stopping{false};         // no new requests
    std::atomic<bool> aborting{false};         // and no more patience
};

class Connection {
  public:
    Connection(Socket socket, IoThread& thread, ServerShared& shared);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    Awaitable<void> run();
    // Called once a tick: gives up on a client that is too slow.
    void check_deadline(Clock::time_point now);
    // Ends the connection now if it waits for a request or is a WebSocket, after its answer
    // otherwise.
    void stop_when_idle();
    void abort();

  private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;
    enum class Phase { idle, head, body, working, writing };
    enum class BodyEnd { complete, refused, lost };
    using ErrorOfAsio = boost::system::error_code;
    using CheckChunk = std::function<void(std::uint64_t, boost::core::string_view, ErrorOfAsio&)>;
    struct ReplyPlan;

    Awaitable<bool> serve_one();
    Awaitable<bool> read_head(std::optional<RequestHead>& head);
    std::optional<HeadRefusal> parse_head(std::size_t size, std::optional<RequestHead>& head);
    Awaitable<void> refuse(HttpReply reply);
    Awaitable<void> linger();
    Awaitable<bool> reply_early(const RequestHead& head, HttpReply reply);
    // False where the handler takes no WebSocket at this address; else the connection is over.
    Awaitable<bool> serve_socket(const RequestHead& head);
    Awaitable<void> hear_socket(SocketListener& listener);
    Awaitable<bool> run_plan(const RequestHead& head, HttpPlan plan);

    Awaitable<BodyEnd> read_body(const RequestHead& head, HttpPlan& plan, HttpReply& refusal);
    Awaitable<BodyEnd> discard_body(HttpReply& refusal);
    Awaitable<BodyEnd> read_piece(Bytes& piece, HttpReply& refusal);
    bool body_too_slow() const;
    bool chunk_size_unreadable() const;

    Awaitable<bool> write_reply(const RequestHead* head, HttpReply reply, bool keep_alive);
    Awaitable<bool> write_stream(ReplyPlan& plan);
    // What is short may stay in plan.pending, until flush() or something long goes out.
    Awaitable<bool> write_chunk(ReplyPlan& plan, Chunk chunk);
    enum class Follows { nothing, more };
    Awaitable<bool> flush(ReplyPlan& plan, Follows follows);
    Awaitable<bool> write_bytes(ByteView bytes, Follows follows = Follows::nothing);
    // To be called when a write was taken or refused by the system; false where all is lost.
    Awaitable<bool> after_write(std::int64_t count);
    Awaitable<bool> write_range(Lane lane, const StoredRange& range);
    Awaitable<bool> send_file(int file, std::uint64_t offset, std::uint64_t length);

    // Runs the task on a worker and waits for its end; with a reply plan, sends its keepalive
    // meanwhile.
    Awaitable<void> on_worker(Lane lane, std::function<void()> task, ReplyPlan* plan = nullptr);

    void set_phase(Phase phase, std::chrono::milliseconds time_max);
    void set_working();

    Socket socket_;  // moved into the session, once there is one
    std::shared_ptr<SocketSession> session_;
    IoThread& thread_;
    ServerShared& shared_;
    Timer worker_wait_;
    boost::beast::flat_buffer buffer_;
    CheckChunk check_chunk_;  // chunk extensions are refused: proxies disagree about them
    std::optional<Parser> parser_;
    Peer peer_;
    Phase phase_ = Phase::idle;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::duration body_waited_{};  // time spent waiting for the body's bytes
    std::uint64_t body_received_ = 0;
    std::uint64_t body_bytes_max_ = 0;
    std::uint64_t written_in_turn_ = 0;
    bool timed_out_ = false;
    bool aborted_ = false;
};

}  // namespace ashlar::http
