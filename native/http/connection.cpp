#include "native/http/connection.h"

#include <algorithm>
#include <array>

#include "native/http/connection_steps.h"

namespace ashlar::http {

namespace beast = boost::beast;

namespace {

constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::size_t kPieceBytesMax = 256 << 10;
constexpr auto kNever = Clock::time_point::max();

std::string_view view(boost::core::string_view text) {
    return {text.data(), text.size()};
}

HttpReply refusal_reply(const HeadRefusal& refusal) {
    HttpReply reply = text_reply(refusal.status, refusal.text);
    if (!refusal.allow.empty()) reply.response.headers.emplace_back("allow", refusal.allow);
    return reply;
}

}  // namespace

Connection::Connection(Socket socket, IoThread& thread, ServerShared& shared)
    : socket_(std::move(socket)),
      thread_(thread),
      shared_(shared),
      worker_wait_(socket_.get_executor()),
      check_chunk_([](std::uint64_t, boost::core::string_view extensions, ErrorOfAsio& error) {
          if (!extensions.empty()) error = beast::http::error::bad_chunk_extension;
      }) {
    thread_.connections.insert(this);
    boost::system::error_code error;
    auto endpoint = socket_.remote_endpoint(error);
    if (!error) peer_ = {endpoint.address().to_string(), endpoint.port()};
    socket_.set_option(net::ip::tcp::no_delay(true), error);
    socket_.native_non_blocking(true, error);
}

Connection::~Connection() {
    thread_.connections.erase(this);
    --shared_.connection_count;
}

void Connection::set_phase(Phase phase, std::chrono::milliseconds time_max) {
    phase_ = phase;
    deadline_ = Clock::now() + time_max;
}

void Connection::set_working() {
    phase_ = Phase::working;
    deadline_ = kNever;
}

void Connection::check_deadline(Clock::time_point now) {
    if (now < deadline_) return;
    deadline_ = kNever;
    timed_out_ = true;
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void Connection::stop_when_idle() {
    if (session_) session_->end(true, "the server stops");
    if (phase_ == Phase::idle) abort();
}

void Connection::abort() {
    aborted_ = true;
    if (session_) session_->cut();
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

Awaitable<void> Connection::run() {
    while (!aborted_) {
        bool again = co_await serve_one();
        if (!again) break;
        parser_.reset();
    }
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_both, ignored);
    socket_.close(ignored);
}

Awaitable<bool> Connection::serve_one() {
    std::optional<RequestHead> head;
    bool got_head = co_await read_head(head);
    if (!got_head || !head) co_return false;
    std::optional<HttpReply> failure;
    std::optional<HttpReply> at_once;
    guarded(failure, [&] { at_once = shared_.handler.answer_at_once(head->request); });
    if (failure) at_once = std::move(failure);
    if (at_once) {
        bool answered = co_await reply_early(*head, std::move(*at_once));
        co_return answered;
    }
    if (asks_for_socket(head->request)) {
        bool was_socket = co_await serve_socket(*head);
        if (was_socket) co_return false;
    }
    std::variant<HttpReply, HttpPlan> start;
    co_await on_worker(Lane::quick, [&] {
        guarded(failure, [&] { start = shared_.handler.start(head->request, peer_); });
    });
    if (failure) start = std::move(*failure);
    bool again = false;
    if (auto* reply = std::get_if<HttpReply>(&start)) {
        again = co_await reply_early(*head, std::move(*reply));
    } else {
        again = co_await run_plan(*head, std::move(std::get<HttpPlan>(start)));
    }
    co_return again;
}

Awaitable<bool> Connection::read_head(std::optional<RequestHead>& head) {
    if (buffer_.size() == 0) {
        buffer_.shrink_to_fit();
        set_phase(Phase::idle, shared_.limits.idle_time_max);
    } else {
        set_phase(Phase::head, shared_.limits.head_time_max);
    }
    bool skipped_empty_line = false;
    for (;;) {
        std::string_view seen(static_cast<const char*>(buffer_.data().data()), buffer_.size());
        if (!skipped_empty_line && seen.starts_with("\r\n")) {
            buffer_.consume(2);  // RFC 9112, section 2.2: one empty line before a request
            skipped_empty_line = true;
            continue;
        }
        std::size_t end = seen.find("\r\n\r\n");
        std::size_t size = end == std::string_view::npos ? seen.size() : end + 4;
        if (size > shared_.limits.head_bytes_max) {
            co_await refuse(text_reply(431, "the head of the request is too large"));
            co_return false;
        }
        // A bare line feed would keep the real end from ever being found.
        if (end != std::string_view::npos || seen.find("\n\n") != std::string_view::npos) {
            if (auto refusal = parse_head(size, head)) {
                co_await refuse(refusal_reply(*refusal));
                co_return false;
            }
            co_return true;
        }
        auto [error, count] = co_await socket_.async_read_some(buffer_.prepare(4 << 10), kTuple);
        if (error) {
            if (timed_out_ && phase_ == Phase::head && !aborted_) {
                co_await refuse(text_reply(408, "the head of the request took too long"));
            }
            co_return false;
        }
        buffer_.commit(count);
        if (phase_ == Phase::idle) set_phase(Phase::head, shared_.limits.head_time_max);
    }
}

std::optional<HeadRefusal> Connection::parse_head(std::size_t size,
                                                  std::optional<RequestHead>& head) {
    const char* data = static_cast<const char*>(buffer_.data().data());
    std::string_view raw(data, size);
    if (auto refusal = check_raw_head(raw)) return refusal;
    parser_.emplace();
    parser_->body_limit(boost::none);  // counted here, against the plan's own limit
    parser_->header_limit(static_cast<std::uint32_t>(shared_.limits.head_bytes_max));
    parser_->eager(false);
    parser_->on_chunk_header(check_chunk_);
    beast::error_code error;
    std::size_t used = parser_->put(net::buffer(data, size), error);
    if (error == beast::http::error::bad_version && raw.find(" HTTP/") < raw.find('\r')) {
        return HeadRefusal{505, "the only version served is HTTP/1.1", {}};
    }
    if (error) return HeadRefusal{400, "the head of the request: " + error.message(), {}};
    if (!parser_->is_header_done())
        return HeadRefusal{400, "the head of the request ends early", {}};
    ParsedHead parsed;
    const auto& message = parser_->get();
    parsed.method = view(message.method_string());
    parsed.target = view(message.target());
    parsed.version_minor = static_cast<int>(message.version() % 10);
    for (const auto& field : message) {
        parsed.fields.emplace_back(view(field.name_string()), view(field.value()));
    }
    auto interpreted = interpret_head(parsed, shared_.limits.header_count_max);
    buffer_.consume(used);
    if (auto* refusal = std::get_if<HeadRefusal>(&interpreted)) return std::move(*refusal);
    head = std::move(std::get<RequestHead>(interpreted));
    parser_->eager(true);
    return std::nullopt;
}

Awaitable<void> Connection::refuse(HttpReply reply) {
    timed_out_ = false;
    bool written = co_await write_reply(nullptr, std::move(reply), false);
    if (written) co_await linger();
}

// Lets a client that is still sending read its answer: a close with unread bytes would reset the
// connection and take the answer away.
Awaitable<void> Connection::linger() {
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    set_phase(Phase::writing, shared_.limits.linger_time_max);
    std::array<char, 16 << 10> waste;
    while (!timed_out_ && !aborted_) {
        auto [error, count] = co_await socket_.async_read_some(net::buffer(waste), kTuple);
        if (error || count == 0) break;
    }
}

// The handler needs no body. One that comes all the same is read (bounded), so that the client gets
// to the answer, unless the client waits for a 100.
Awaitable<bool> Connection::reply_early(const RequestHead& head, HttpReply reply) {
    bool keep_alive = head.keep_alive && !shared_.stopping;
    if (head.has_body() && head.expects_continue) keep_alive = false;
    if (head.has_body() && keep_alive) {
        HttpReply refusal;
        BodyEnd end = co_await discard_body(refusal);
        if (end == BodyEnd::lost) co_return false;
        if (end == BodyEnd::refused) {
            co_await refuse(std::move(refusal));
            co_return false;
        }
    }
    bool written = co_await write_reply(&head, std::move(reply), keep_alive);
    if (written && !keep_alive && head.has_body()) co_await linger();
    co_return written&& keep_alive;
}

Awaitable<bool> Connection::run_plan(const RequestHead& head, HttpPlan plan) {
    bool keep_alive = head.keep_alive && !shared_.stopping;
    HttpReply reply;
    BodyEnd end = BodyEnd::complete;
    if (head.has_body()) end = co_await read_body(head, plan, reply);
    std::optional<HttpReply> failure;
    if (end == BodyEnd::complete) {
        co_await on_worker(plan.lane,
                           [&] { guarded(failure, [&] { reply = plan.exchange->respond(); }); });
        reply.lane = plan.lane;
        if (failure) reply = std::move(*failure);
    }
    // Before the answer goes out, so that a refused push has left nothing when its client knows.
    // What an exchange lets go of (a staged pack) may block, too.
    co_await on_worker(plan.lane, [&] { plan.exchange.reset(); });
    if (end == BodyEnd::refused) co_await refuse(std::move(reply));
    if (end != BodyEnd::complete) co_return false;
    bool written = co_await write_reply(&head, std::move(reply), keep_alive);
    co_return written&& keep_alive;
}

bool Connection::body_too_slow() const {
    if (body_waited_ < shared_.limits.body_rate_grace) return false;
    double seconds = std::chrono::duration<double>(body_waited_).count();
    return static_cast<double>(body_received_) <
           seconds * static_cast<double>(shared_.limits.body_rate_bytes_per_second_min);
}

// What the parser left over is the beginning of a chunk's or trailer's line, which ends with CR LF
// and is short.
bool Connection::chunk_size_unreadable() const {
    std::string_view left(static_cast<const char*>(buffer_.data().data()), buffer_.size());
    std::size_t end = left.find('\n');
    return left.size() > shared_.limits.head_bytes_max || left.starts_with('\n') ||
           (end != std::string_view::npos && left[end - 1] != '\r');
}

// Fills the piece with what of the body is there; empty only at the body's end.
Awaitable<Connection::BodyEnd> Connection::read_piece(Bytes& piece, HttpReply& refusal) {
    piece.clear();
    std::size_t filled = 0;
    for (;;) {
        while (buffer_.size() > 0 && filled < kPieceBytesMax && !parser_->is_done()) {
            // What is buffered may be body, all of it: no client gets more memory than it sends.
            piece.resize(filled + buffer_.size());
            auto& body = parser_->get().body();
            body.data = piece.data() + filled;
            body.size = piece.size() - filled;
            body.more = true;
            beast::error_code error;
            std::size_t used = parser_->put(buffer_.data(), error);
            buffer_.consume(used);
            filled = piece.size() - body.size;
            if (error == beast::http::error::need_more) break;
            if (error && error != beast::http::error::need_buffer) {
                refusal = text_reply(400, "the body of the request: " + error.message());
                co_return BodyEnd::refused;
            }
        }
        boost::system::error_code ignored;
        bool more_at_hand =
            filled > 0 && filled < kPieceBytesMax / 2 && socket_.available(ignored) > 0;
        if (parser_->is_done() || (filled > 0 && !more_at_hand)) break;
        if (chunk_size_unreadable()) {
            refusal = text_reply(400, "a chunk of the body has no readable size");
            co_return BodyEnd::refused;
        }
        if (aborted_) co_return BodyEnd::lost;
        set_phase(Phase::body, shared_.limits.body_stall_max);
        Clock::time_point before = Clock::now();
        auto [error, count] = co_await socket_.async_read_some(buffer_.prepare(kReadBytes), kTuple);
        body_waited_ += Clock::now() - before;
        if ((error && timed_out_ && !aborted_) || (!error && body_too_slow())) {
            refusal = text_reply(408, "the body of the request came too slowly");
            co_return BodyEnd::refused;
        }
        if (error) co_return BodyEnd::lost;
        buffer_.commit(count);
        body_received_ += count;
    }
    piece.resize(filled);
    set_working();
    co_return BodyEnd::complete;
}

Awaitable<Connection::BodyEnd> Connection::discard_body(HttpReply& refusal) {
    std::uint64_t discarded = 0;
    Bytes piece;
    while (!parser_->is_done()) {
        BodyEnd end = co_await read_piece(piece, refusal);
        if (end != BodyEnd::complete) co_return end;
        discarded += piece.size();
        if (discarded > shared_.limits.discard_bytes_max) {
            refusal = text_reply(413, "the body of the request is too large");
            co_return BodyEnd::refused;
        }
    }
    co_return BodyEnd::complete;
}

Awaitable<Connection::BodyEnd> Connection::read_body(const RequestHead& head, HttpPlan& plan,
                                                     HttpReply& refusal) {
    body_waited_ = {};
    body_received_ = 0;
    HttpReply too_large = text_reply(413, "the body of the request is too large");
    if (head.content_length.value_or(0) > plan.body_bytes_max) {
        refusal = std::move(too_large);
        co_return BodyEnd::refused;
    }
    if (head.expects_continue && buffer_.size() == 0) {
        bool written = co_await write_bytes(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"));
        if (!written) co_return BodyEnd::lost;
    }
    std::optional<GzipDecoder> decoder;
    if (head.gzipped) decoder.emplace(plan.body_bytes_max);
    std::uint64_t total = 0;
    BodyDemand demand = BodyDemand::more;
    Bytes piece;
    while (!parser_->is_done() && demand == BodyDemand::more) {
        BodyEnd end = co_await read_piece(piece, refusal);
        if (end != BodyEnd::complete) co_return end;
        if (piece.empty()) continue;
        total += piece.size();
        if (total > plan.body_bytes_max) {
            refusal = std::move(too_large);
            co_return BodyEnd::refused;
        }
        std::optional<HttpReply> failure;
        auto feed = [&] {
            if (!decoder) {
                demand = plan.exchange->on_body(std::move(piece));
                return;
            }
            auto fed = decoder->feed(piece, [&](Bytes unpacked) {
                demand = plan.exchange->on_body(std::move(unpacked));
                return demand == BodyDemand::more;
            });
            bool too_much = !fed && fed.error().code == ErrorCode::limit_exceeded;
            if (!fed) failure = text_reply(too_much ? 413 : 400, fed.error().detail);
        };
        co_await on_worker(plan.lane, [&] { guarded(failure, feed); });
        if (failure) {
            refusal = std::move(*failure);
            co_return BodyEnd::refused;
        }
    }
    if (demand == BodyDemand::discard) {
        BodyEnd end = co_await discard_body(refusal);
        co_return end;
    }
    if (decoder) {
        if (auto ended = decoder->finish(); !ended) {
            refusal = text_reply(400, ended.error().detail);
            co_return BodyEnd::refused;
        }
    }
    co_return BodyEnd::complete;
}

}  // namespace ashlar::http
