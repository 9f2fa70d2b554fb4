#include "native/http/connection.h"

#include <sys/sendfile.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <exception>

namespace ashlar::http {

namespace beast = boost::beast;

namespace {

constexpr std::size_t kReadBytes = 64 << 10;
constexpr std::size_t kPieceBytesMax = 256 << 10;
constexpr std::uint64_t kSendfileBytesMin = 32 << 10;
constexpr std::uint64_t kSendfileBytesAtOnce = 1 << 20;
constexpr std::uint64_t kRangeBytesAtOnce = 256 << 10;
constexpr auto kNever = Clock::time_point::max();

// Runs a handler's step; an exception that it lets out ends this request alone.
template <typename Step>
void guarded(std::optional<HttpReply>& failure, Step step) {
    try {
        step();
    } catch (const std::exception& exception) {
        std::fprintf(stderr, "ashlar: a request failed: %s\n", exception.what());
        failure = text_reply(500, "the server failed on this request");
    }
}

std::string_view view(boost::core::string_view text) {
    return {text.data(), text.size()};
}

HttpReply refusal_reply(const HeadRefusal& refusal) {
    HttpReply reply = text_reply(refusal.status, refusal.text);
    if (!refusal.allow.empty()) reply.response.headers.emplace_back("allow", refusal.allow);
    return reply;
}

std::optional<std::uint64_t> length_given(const api::Headers& headers) {
    for (const auto& [name, value] : headers) {
        if (name != "content-length") continue;
        std::uint64_t length = 0;
        auto parsed = std::from_chars(value.data(), value.data() + value.size(), length);
        if (parsed.ec == std::errc()) return length;
    }
    return std::nullopt;
}

}  // namespace

struct Connection::ReplyPlan {
    HttpReply reply;
    ResponseFrame frame;
    bool client_lost = false;
    std::uint64_t body_left = 0;  // with Framing::length: never more than was announced
};

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
    if (phase_ == Phase::idle) abort();
}

void Connection::abort() {
    aborted_ = true;
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
    std::variant<HttpReply, HttpPlan> start;
    co_await on_worker(
        [&] { guarded(failure, [&] { start = shared_.handler.start(head->request, peer_); }); });
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
        co_await on_worker([&] { guarded(failure, [&] { reply = plan.exchange->respond(); }); });
        if (failure) reply = std::move(*failure);
    }
    // Before the answer goes out, so that a refused push has left nothing when its client knows.
    // What an exchange lets go of (a staged pack) may block, too.
    co_await on_worker([&] { plan.exchange.reset(); });
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
    piece.resize(kPieceBytesMax);
    std::size_t filled = 0;
    for (;;) {
        while (buffer_.size() > 0 && filled < piece.size() && !parser_->is_done()) {
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
        bool more_at_hand = filled > 0 && filled < piece.size() / 2 && socket_.available() > 0;
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
        co_await on_worker([&] { guarded(failure, feed); });
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

Awaitable<void> Connection::on_worker(std::function<void()> task, ReplyPlan* plan) {
    if (phase_ != Phase::working) set_working();
    // Shared with the worker, whose last act is to post back: the coroutine outlives that.
    struct State {
        std::function<void()> task;
        bool done = false;
    };
    auto state = std::make_shared<State>();
    state->task = std::move(task);
    auto guard = net::make_work_guard(thread_.context);
    shared_.workers.submit([this, state, guard]() mutable {
        state->task();
        net::post(thread_.context, [this, state] {
            state->done = true;
            worker_wait_.cancel();
        });
    });
    bool keeps_alive = plan != nullptr && plan->reply.keepalive != nullptr;
    while (!state->done) {
        if (keeps_alive) {
            worker_wait_.expires_after(shared_.limits.keepalive_interval);
        } else {
            worker_wait_.expires_at(kNever);
        }
        co_await worker_wait_.async_wait(kTuple);
        if (state->done || !keeps_alive || plan->client_lost) continue;
        bool written = co_await write_chunk(*plan, plan->reply.keepalive());
        if (!written) plan->client_lost = true;
        set_working();
    }
}

Awaitable<bool> Connection::write_reply(const RequestHead* head, HttpReply reply, bool keep_alive) {
    ReplyPlan plan;
    plan.reply = std::move(reply);
    const api::Response& response = plan.reply.response;
    bool is_head = head != nullptr && head->request.method == "HEAD";
    plan.frame.http_1_0 = head != nullptr && head->http_1_0;
    plan.frame.keep_alive = keep_alive;
    const Bytes* whole = std::get_if<Bytes>(&response.body);
    std::optional<std::uint64_t> length = length_given(response.headers);
    if (whole != nullptr && !(is_head && whole->empty())) length = whole->size();
    if (response.status == 204 || response.status == 304) {
        plan.frame.framing = Framing::no_body;
    } else if (length) {
        plan.frame.length = *length;
        plan.body_left = *length;
    } else if (whole == nullptr) {
        plan.frame.framing = plan.frame.http_1_0 ? Framing::until_close : Framing::chunked;
        if (plan.frame.http_1_0) plan.frame.keep_alive = false;
    }
    std::string out = response_head(response.status, response.headers, plan.frame, thread_.date);
    bool has_body = !is_head && plan.frame.framing != Framing::no_body;
    bool small = has_body && whole != nullptr && whole->size() <= kReadBytes;
    if (small) out.append(as_text(*whole));
    bool written = co_await write_bytes(as_bytes(out));
    if (written && has_body && !small && whole != nullptr) written = co_await write_bytes(*whole);
    if (written && has_body && whole == nullptr) written = co_await write_stream(plan);
    if (whole == nullptr) {
        // A stream may hold files and snapshots: let go of them where blocking is allowed.
        co_await on_worker([&] { plan.reply.response.body = Bytes(); });
    }
    co_return written&& plan.frame.keep_alive == keep_alive;
}

Awaitable<bool> Connection::write_stream(ReplyPlan& plan) {
    auto& stream = std::get<std::unique_ptr<ChunkStream>>(plan.reply.response.body);
    for (;;) {
        Expected<std::optional<Chunk>> next = std::optional<Chunk>();
        std::optional<HttpReply> failure;
        co_await on_worker([&] { guarded(failure, [&] { next = stream->next(); }); }, &plan);
        if (failure || plan.client_lost || aborted_) co_return false;
        if (!next) {
            std::fprintf(stderr, "ashlar: an answer broke off: %s\n",
                         next.error().message().c_str());
            co_return false;
        }
        if (!*next) break;
        bool written = co_await write_chunk(plan, std::move(**next));
        if (!written) co_return false;
    }
    if (plan.frame.framing == Framing::length) co_return plan.body_left == 0;
    if (plan.frame.framing == Framing::until_close) co_return true;
    bool written = co_await write_bytes(as_bytes("0\r\n\r\n"));
    co_return written;
}

Awaitable<bool> Connection::write_chunk(ReplyPlan& plan, Chunk chunk) {
    Bytes* bytes = std::get_if<Bytes>(&chunk);
    std::uint64_t length = bytes != nullptr ? bytes->size() : std::get<StoredRange>(chunk).length;
    if (length == 0) co_return true;
    if (plan.frame.framing == Framing::length) {
        if (length > plan.body_left) co_return false;
        plan.body_left -= length;
    }
    bool chunked = plan.frame.framing == Framing::chunked;
    std::string frame;
    if (chunked) {
        std::array<char, 20> digits;
        auto end = std::to_chars(digits.data(), digits.data() + digits.size(), length, 16);
        frame.assign(digits.data(), end.ptr);
        frame.append("\r\n");
    }
    bool written = true;
    if (bytes != nullptr && chunked && bytes->size() <= kReadBytes) {
        frame.append(as_text(*bytes)).append("\r\n");
        written = co_await write_bytes(as_bytes(frame));
        co_return written;
    }
    if (chunked) written = co_await write_bytes(as_bytes(frame));
    if (!written) co_return false;
    if (bytes != nullptr) {
        written = co_await write_bytes(*bytes);
    } else {
        written = co_await write_range(std::get<StoredRange>(chunk));
    }
    if (written && chunked) written = co_await write_bytes(as_bytes("\r\n"));
    co_return written;
}

Awaitable<bool> Connection::write_bytes(ByteView bytes) {
    while (!bytes.empty()) {
        if (aborted_) co_return false;
        set_phase(Phase::writing, shared_.limits.write_stall_max);
        auto [error, count] = co_await socket_.async_write_some(
            net::const_buffer(bytes.data(), bytes.size()), kTuple);
        if (error) co_return false;
        bytes = bytes.subspan(count);
    }
    co_return true;
}

Awaitable<bool> Connection::write_range(const StoredRange& range) {
    std::optional<int> file = range.source->file_descriptor();
    if (file && range.length >= kSendfileBytesMin) {
        bool sent = co_await send_file(*file, range.offset, range.length);
        co_return sent;
    }
    std::uint64_t done = 0;
    Bytes piece;
    while (done < range.length) {
        piece.resize(std::min(kRangeBytesAtOnce, range.length - done));
        Expected<void> read;
        co_await on_worker([&] { read = range.source->read(range.offset + done, piece); });
        if (!read) {
            std::fprintf(stderr, "ashlar: a stored range cannot be read: %s\n",
                         read.error().message().c_str());
            co_return false;
        }
        bool written = co_await write_bytes(piece);
        if (!written) co_return false;
        done += piece.size();
    }
    co_return true;
}

Awaitable<bool> Connection::send_file(int file, std::uint64_t offset, std::uint64_t length) {
    auto position = static_cast<off_t>(offset);
    while (length > 0) {
        if (aborted_) co_return false;
        set_phase(Phase::writing, shared_.limits.write_stall_max);
        ssize_t sent = ::sendfile(socket_.native_handle(), file, &position,
                                  static_cast<std::size_t>(std::min(length, kSendfileBytesAtOnce)));
        if (sent > 0) {
            length -= static_cast<std::uint64_t>(sent);
            // Others on this thread get their turn.
            co_await net::post(socket_.get_executor(), kTuple);
            continue;
        }
        if (sent == 0 || (errno != EAGAIN && errno != EINTR)) co_return false;
        if (errno == EINTR) continue;
        auto [error] = co_await socket_.async_wait(Socket::wait_write, kTuple);
        if (error) co_return false;
    }
    co_return true;
}

}  // namespace ashlar::http
