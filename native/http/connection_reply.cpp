#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <memory>
#include <vector>

#include "native/http/connection.h"
#include "native/http/connection_steps.h"

namespace ashlar::http {
namespace {

// Short parts of a body are copied behind each other up to here, to go out in one piece.
constexpr std::size_t kJoinedBytesMax = 64 << 10;
constexpr std::size_t kCopiedBytesMax = 32 << 10;  // of a part; a longer one goes out uncopied
constexpr std::uint64_t kSendfileBytesMin = 32 << 10;
constexpr std::uint64_t kSendfileBytesAtOnce = 1 << 20;
// After so many bytes others on the thread get their turn.
constexpr std::uint64_t kBytesInTurn = 1 << 20;
// What one visit to a worker brings: as much as is ready soon, for the way there and back costs
// more than a short chunk. The first visit is for the client's first byte.
constexpr std::size_t kChunksAtFirst = 2;
constexpr std::size_t kChunksAtOnce = 64;
constexpr std::size_t kChunkBytesAtOnce = 256 << 10;
constexpr auto kPullTime = std::chrono::milliseconds(1);
constexpr std::uint64_t kRangeBytesAtOnce = 256 << 10;
constexpr auto kNever = Clock::time_point::max();

std::optional<std::uint64_t> length_given(const api::Headers& headers) {
    for (const auto& [name, value] : headers) {
        if (name != "content-length") continue;
        std::uint64_t length = 0;
        auto parsed = std::from_chars(value.data(), value.data() + value.size(), length);
        if (parsed.ec == std::errc()) return length;
    }
    return std::nullopt;
}

// A stream may hold files and snapshots: at its end it goes where blocking is allowed, here.
PulledChunks pull(std::unique_ptr<ChunkStream>& stream, std::size_t count_max) {
    PulledChunks pulled;
    const Clock::time_point enough_at = Clock::now() + kPullTime;
    std::size_t bytes = 0;
    do {
        Expected<std::optional<Chunk>> next = stream->next();
        pulled.ended = next && !*next;
        if (!next) pulled.error = std::move(next).error();
        if (pulled.ended || pulled.error) break;
        if (const Bytes* held = std::get_if<Bytes>(&**next)) bytes += held->size();
        pulled.chunks.push_back(std::move(**next));
    } while (pulled.chunks.size() < count_max && bytes < kChunkBytesAtOnce &&
             Clock::now() < enough_at);
    if (pulled.ended || pulled.error) stream.reset();
    return pulled;
}

// Drops what was written of the parts.
void drop_written(std::span<iovec>& parts, std::size_t count) {
    while (!parts.empty() && count >= parts.front().iov_len) {
        count -= parts.front().iov_len;
        parts = parts.subspan(1);
    }
    if (parts.empty()) return;
    parts.front().iov_base = static_cast<char*>(parts.front().iov_base) + count;
    parts.front().iov_len -= count;
}

// The system's calls take pointers to what they only read.
iovec part_of(ByteView bytes) {
    return {const_cast<Byte*>(bytes.data()), bytes.size()};
}

}  // namespace

void Connection::begin_stream(const RequestHead& head, HttpReply& reply) {
    auto* stream = std::get_if<std::unique_ptr<ChunkStream>>(&reply.response.body);
    if (stream == nullptr || *stream == nullptr || reply.keepalive) return;
    if (head.request.method != "HEAD") begun_ = pull(*stream, kChunksAtFirst);
}

void Connection::respond(const RequestHead& head, HttpPlan& plan, HttpReply& reply) {
    std::optional<HttpReply> failure;
    guarded(failure, [&] {
        reply = plan.exchange->respond();
        reply.lane = plan.lane;
    });
    // Before the answer goes out, so that a refused push has left nothing when its client knows.
    plan.exchange.reset();
    if (!failure) guarded(failure, [&] { begin_stream(head, reply); });
    if (failure) reply = std::move(*failure);
}

Awaitable<void> Connection::on_worker(Lane lane, std::function<void()> task, ReplyPlan* plan) {
    if (phase_ != Phase::working) set_working();
    // Shared with the worker, whose last act is to post back: the coroutine outlives that.
    struct State {
        std::function<void()> task;
        bool done = false;
    };
    auto state = std::make_shared<State>();
    state->task = std::move(task);
    WorkerPool& workers = lane == Lane::quick ? shared_.quick_workers : shared_.long_workers;
    workers.submit([this, state] {
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
        if (written) written = co_await flush(*plan, Follows::nothing);
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
    plan.pending = response_head(response.status, response.headers, plan.frame, thread_.date);
    const bool has_body = !is_head && plan.frame.framing != Framing::no_body;
    const bool streams = has_body && whole == nullptr;
    if (has_body && !streams) plan.held = std::get<Bytes>(std::move(plan.reply.response.body));
    bool written = true;
    // The head goes out at once, or with what was pulled already.
    if (!streams || !begun_) written = co_await flush(plan, Follows::nothing);
    if (written && streams) written = co_await write_stream(plan);
    auto* left = std::get_if<std::unique_ptr<ChunkStream>>(&plan.reply.response.body);
    if (left != nullptr && *left != nullptr) {
        // It may hold files and snapshots: let go of them where blocking is allowed.
        co_await on_worker(plan.reply.lane, [left] { left->reset(); });
    }
    co_return written&& plan.frame.keep_alive == keep_alive;
}

Awaitable<bool> Connection::write_stream(ReplyPlan& plan) {
    auto& stream = std::get<std::unique_ptr<ChunkStream>>(plan.reply.response.body);
    std::size_t count_max = kChunksAtFirst;
    for (;;) {
        PulledChunks pulled;
        std::optional<HttpReply> failure;
        if (begun_) {
            pulled = std::move(*begun_);
            begun_.reset();
        } else {
            co_await on_worker(
                plan.reply.lane,
                [&] { guarded(failure, [&] { pulled = pull(stream, count_max); }); }, &plan);
        }
        if (failure || plan.client_lost || aborted_) co_return false;
        for (Chunk& chunk : pulled.chunks) {
            bool written = co_await write_chunk(plan, std::move(chunk));
            if (!written) co_return false;
        }
        if (pulled.ended && plan.frame.framing == Framing::chunked) plan.text() += "0\r\n\r\n";
        bool flushed = co_await flush(plan, Follows::nothing);
        if (!flushed) co_return false;
        if (pulled.error) {
            std::fprintf(stderr, "ashlar: an answer broke off: %s\n",
                         pulled.error->message().c_str());
            co_return false;
        }
        if (pulled.ended) {
            co_return plan.frame.framing != Framing::length || plan.body_left == 0;
        }
        count_max = kChunksAtOnce;
    }
}

Awaitable<bool> Connection::write_chunk(ReplyPlan& plan, Chunk chunk) {
    Bytes* bytes = std::get_if<Bytes>(&chunk);
    std::uint64_t length = bytes != nullptr ? bytes->size() : std::get<StoredRange>(chunk).length;
    if (length == 0) co_return true;
    if (plan.frame.framing == Framing::length) {
        if (length > plan.body_left) co_return false;
        plan.body_left -= length;
    }
    const bool chunked = plan.frame.framing == Framing::chunked;
    bool written = true;
    const bool is_held = bytes != nullptr && length > kCopiedBytesMax;
    if (is_held && !plan.held.empty()) written = co_await flush(plan, Follows::more);
    if (!written) co_return false;
    if (chunked) {
        std::array<char, 20> digits;
        auto end = std::to_chars(digits.data(), digits.data() + digits.size(), length, 16);
        plan.text().append(digits.data(), end.ptr).append("\r\n");
    }
    if (is_held) {
        plan.held = std::move(*bytes);
    } else if (bytes != nullptr) {
        plan.text().append(as_text(*bytes));
    } else {
        written = co_await flush(plan, Follows::more);
        if (!written) co_return false;
        written = co_await write_range(plan.reply.lane, std::get<StoredRange>(chunk));
    }
    if (chunked) plan.text().append("\r\n");
    if (written && plan.text().size() > kJoinedBytesMax) {
        written = co_await flush(plan, Follows::more);
    }
    co_return written;
}

Awaitable<bool> Connection::flush(ReplyPlan& plan, Follows follows) {
    std::array<iovec, 3> all = {part_of(as_bytes(plan.pending)), part_of(plan.held),
                                part_of(as_bytes(plan.behind))};
    std::span<iovec> parts(all);
    drop_written(parts, 0);
    const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (follows == Follows::more ? MSG_MORE : 0);
    while (!parts.empty()) {
        if (aborted_) co_return false;
        set_phase(Phase::writing, shared_.limits.write_stall_max);
        msghdr message{};
        message.msg_iov = parts.data();
        message.msg_iovlen = parts.size();
        const ssize_t sent = ::sendmsg(socket_.native_handle(), &message, flags);
        if (sent > 0) drop_written(parts, static_cast<std::size_t>(sent));
        bool goes_on = co_await after_write(sent);
        if (!goes_on) co_return false;
    }
    plan.pending.clear();
    plan.held = Bytes();
    plan.behind.clear();
    co_return true;
}

Awaitable<bool> Connection::write_bytes(ByteView bytes) {
    while (!bytes.empty()) {
        if (aborted_) co_return false;
        set_phase(Phase::writing, shared_.limits.write_stall_max);
        const ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(),
                                    MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) bytes = bytes.subspan(static_cast<std::size_t>(sent));
        bool goes_on = co_await after_write(sent);
        if (!goes_on) co_return false;
    }
    co_return true;
}

Awaitable<bool> Connection::after_write(std::int64_t count) {
    if (count > 0) {
        written_in_turn_ += static_cast<std::uint64_t>(count);
        if (written_in_turn_ < kBytesInTurn) co_return true;
        written_in_turn_ = 0;
        co_await net::post(socket_.get_executor(), kTuple);
        co_return true;
    }
    if (count < 0 && errno == EINTR) co_return true;
    if (count == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) co_return false;
    auto [error] = co_await socket_.async_wait(Socket::wait_write, kTuple);
    co_return !error;
}

Awaitable<bool> Connection::write_range(Lane lane, const StoredRange& range) {
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
        co_await on_worker(lane, [&] { read = range.source->read(range.offset + done, piece); });
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
        if (sent > 0) length -= static_cast<std::uint64_t>(sent);
        bool goes_on = co_await after_write(sent);
        if (!goes_on) co_return false;
    }
    co_return true;
}

}  // namespace ashlar::http
