#include <sys/sendfile.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <memory>

#include "native/http/connection.h"
#include "native/http/connection_steps.h"

namespace ashlar::http {
namespace {

// Up to here a body goes out in one piece with what stands before it.
constexpr std::size_t kJoinedBytesMax = 64 << 10;
constexpr std::uint64_t kSendfileBytesMin = 32 << 10;
constexpr std::uint64_t kSendfileBytesAtOnce = 1 << 20;
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

}  // namespace

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
    bool small = has_body && whole != nullptr && whole->size() <= kJoinedBytesMax;
    if (small) out.append(as_text(*whole));
    bool written = co_await write_bytes(as_bytes(out));
    if (written && has_body && !small && whole != nullptr) written = co_await write_bytes(*whole);
    if (written && has_body && whole == nullptr) written = co_await write_stream(plan);
    if (whole == nullptr) {
        // A stream may hold files and snapshots: let go of them where blocking is allowed.
        co_await on_worker(plan.reply.lane, [&] { plan.reply.response.body = Bytes(); });
    }
    co_return written&& plan.frame.keep_alive == keep_alive;
}

Awaitable<bool> Connection::write_stream(ReplyPlan& plan) {
    auto& stream = std::get<std::unique_ptr<ChunkStream>>(plan.reply.response.body);
    for (;;) {
        Expected<std::optional<Chunk>> next = std::optional<Chunk>();
        std::optional<HttpReply> failure;
        co_await on_worker(
            plan.reply.lane, [&] { guarded(failure, [&] { next = stream->next(); }); }, &plan);
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
    if (bytes != nullptr && chunked && bytes->size() <= kJoinedBytesMax) {
        frame.append(as_text(*bytes)).append("\r\n");
        written = co_await write_bytes(as_bytes(frame));
        co_return written;
    }
    if (chunked) written = co_await write_bytes(as_bytes(frame));
    if (!written) co_return false;
    if (bytes != nullptr) {
        written = co_await write_bytes(*bytes);
    } else {
        written = co_await write_range(plan.reply.lane, std::get<StoredRange>(chunk));
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
