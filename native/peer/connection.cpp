#include "native/peer/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace ashlar::peer {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How much is encrypted and handed to the socket at once: more costs memory, less costs calls.
constexpr std::size_t kBatchBytes = 256 * 1024;
// Up to this a sender encrypts and writes by itself.
constexpr std::size_t kDirectBytesMax = 32 * 1024;
// How far a peer may run ahead of its channel's rate before it is read more slowly.
constexpr milliseconds kRateBurst{2'000};
constexpr std::size_t kLengthBytes = 2;
// Room for the longest frame and more.
constexpr std::size_t kReceiveBytes = 128 * 1024;
static_assert(kReceiveBytes > kLengthBytes + crypto::kNoiseMessageBytesMax);

}  // namespace

Connection::Connection(Socket socket, const PeerOptions& options)
    : socket_(std::move(socket)),
      options_(options),
      deadline_(socket_.get_executor()),
      wake_(socket_.get_executor(), steady_clock::time_point::max()),
      alive_(socket_.get_executor()),
      rate_timer_(socket_.get_executor()),
      heard_at_(steady_clock::now()),
      spoke_at_(heard_at_) {
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

asio::awaitable<Expected<void>, Context::executor_type> Connection::shake_hands(
    Handshake handshake) {
    auto self = shared_from_this();
    deadline_.expires_after(milliseconds(options_.handshake_ms_max));
    deadline_.async_wait([self](const boost::system::error_code& error) {
        if (!error) self->close("the handshake took too long");
    });
    while (!handshake.is_finished()) {
        boost::system::error_code error;
        if (handshake.is_my_turn()) {
            Bytes message = handshake.write();
            co_await asio::async_write(socket_, asio::buffer(message),
                                       asio::redirect_error(Token(), error));
        } else {
            Bytes message(handshake.next_bytes());
            co_await asio::async_read(socket_, asio::buffer(message),
                                      asio::redirect_error(Token(), error));
            if (!error) {
                if (auto read = handshake.read(message); !read) {
                    close(read.error().message());
                    co_return Unexpected(read.error());
                }
            }
        }
        if (error) {
            std::string why = closed_ ? why_ : error.message();
            close(why);
            co_return fail(ErrorCode::unavailable, "the handshake ended early: " + why);
        }
    }
    deadline_.cancel();
    remote_ = handshake.remote();
    const std::lock_guard lock(send_mutex_);
    session_.emplace(handshake.session());
    heard_at_ = spoke_at_ = steady_clock::now();
    co_return Expected<void>();
}

asio::awaitable<std::string, Context::executor_type> Connection::run(OnMessage on_message) {
    auto self = shared_from_this();
    asio::co_spawn(
        socket_.get_executor(), [self]() { return self->write_frames(); }, asio::detached);
    asio::co_spawn(socket_.get_executor(), [self]() { return self->keep_alive(); }, asio::detached);
    std::string why = co_await read_frames(std::move(on_message));
    close(why);
    co_return why_;
}

std::size_t Connection::send(const Messages& messages) {
    const std::lock_guard lock(send_mutex_);
    if (send_closed_) return messages.size();
    std::size_t dropped = 0;
    for (const auto& [channel, message] : messages) {
        if (!queue_.push(channel, message)) ++dropped;
    }
    if (writing_ || queue_.empty()) return dropped;
    if (queue_.waiting_bytes() > kDirectBytesMax || !write_now()) wake_writer();
    return dropped;
}

// Whether all that waits went to the socket. What is wrong with it the writer finds out.
bool Connection::write_now() {
    unsent_ = next_batch();
    const ssize_t count = ::send(socket_.native_handle(), unsent_.data(), unsent_.size(),
                                 MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count > 0) {
        unsent_.erase(unsent_.begin(), unsent_.begin() + count);
        sent_bytes_ += static_cast<std::uint64_t>(count);
        spoke_at_ = steady_clock::now();
    }
    return unsent_.empty() && queue_.empty();
}

void Connection::wake_writer() {
    writing_ = true;
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->wake_.cancel(); });
}

void Connection::close(const std::string& why) {
    if (closed_) return;
    closed_ = true;
    why_ = why;
    {
        // Nobody may write to a descriptor that is another's by then.
        const std::lock_guard lock(send_mutex_);
        send_closed_ = true;
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    deadline_.cancel();
    wake_.cancel();
    alive_.cancel();
    rate_timer_.cancel();
}

Bytes Connection::next_batch() {
    Bytes batch;
    auto add = [&](const Bytes& frame) {
        Bytes ciphertext = session_->send.encrypt({}, frame);
        batch.push_back(static_cast<Byte>(ciphertext.size() >> 8));
        batch.push_back(static_cast<Byte>(ciphertext.size() & 0xff));
        append(batch, ByteView(ciphertext));
    };
    while (!queue_.empty() && batch.size() < kBatchBytes) add(queue_.pop());
    if (batch.empty() && keep_alive_due_) add(Bytes{kKeepAlive});
    keep_alive_due_ = false;
    return batch;
}

// What is to be written next; nothing where senders write by themselves again.
std::optional<Bytes> Connection::take_batch() {
    const std::lock_guard lock(send_mutex_);
    Bytes batch = std::exchange(unsent_, {});
    if (batch.empty()) batch = next_batch();
    writing_ = !batch.empty();
    if (!writing_) return std::nullopt;
    return batch;
}

Nothing Connection::write_frames() {
    auto self = shared_from_this();
    while (!closed_) {
        boost::system::error_code error;
        const auto batch = take_batch();
        if (!batch) {
            wake_.expires_at(steady_clock::time_point::max());
            co_await wake_.async_wait(asio::redirect_error(Token(), error));
            continue;
        }
        co_await asio::async_write(socket_, asio::buffer(*batch),
                                   asio::redirect_error(Token(), error));
        if (error) {
            close(error.message());
            co_return;
        }
        const std::lock_guard lock(send_mutex_);
        sent_bytes_ += batch->size();
        spoke_at_ = steady_clock::now();
    }
}

Nothing Connection::keep_alive() {
    auto self = shared_from_this();
    while (!closed_) {
        boost::system::error_code ignored;
        alive_.expires_after(milliseconds(options_.keep_alive_ms / 2));
        co_await alive_.async_wait(asio::redirect_error(Token(), ignored));
        auto now = steady_clock::now();
        if (now - heard_at_ > milliseconds(options_.silence_ms_max)) close("the peer fell silent");
        const std::lock_guard lock(send_mutex_);
        if (send_closed_ || writing_) continue;
        if (now - spoke_at_ < milliseconds(options_.keep_alive_ms)) continue;
        keep_alive_due_ = true;
        if (!write_now()) wake_writer();
    }
}

// The ciphertext of the next frame, if all of it is here.
std::optional<ByteView> Connection::next_frame() {
    const ByteView rest = ByteView(received_).subspan(taken_until_, filled_until_ - taken_until_);
    if (rest.size() < kLengthBytes) return std::nullopt;
    const auto length = static_cast<std::size_t>((rest[0] << 8) | rest[1]);
    if (rest.size() - kLengthBytes < length) return std::nullopt;
    taken_until_ += kLengthBytes + length;
    return rest.subspan(kLengthBytes, length);
}

// For what is left of the frame that has begun.
void Connection::make_room() {
    std::copy(received_.begin() + static_cast<std::ptrdiff_t>(taken_until_),
              received_.begin() + static_cast<std::ptrdiff_t>(filled_until_), received_.begin());
    filled_until_ -= std::exchange(taken_until_, 0);
}

// One read takes all the frames that have come, for most are small.
asio::awaitable<std::string, Context::executor_type> Connection::read_frames(OnMessage on_message) {
    auto self = shared_from_this();
    received_.resize(kReceiveBytes);
    while (!closed_) {
        boost::system::error_code error;
        make_room();
        const std::size_t count = co_await socket_.async_read_some(
            asio::buffer(received_) + filled_until_, asio::redirect_error(Token(), error));
        if (error) co_return error.message();
        received_bytes_ += count;
        filled_until_ += count;
        heard_at_ = steady_clock::now();
        while (const auto ciphertext = next_frame()) {
            auto frame = session_->receive.decrypt({}, *ciphertext);
            if (!frame) co_return frame.error().message();
            auto message = assembler_.take(*frame);
            if (!message) co_return message.error().message();
            if (!*message) continue;
            const Channel channel = (*message)->channel;
            const std::size_t bytes = (*message)->bytes.size();
            on_message(channel, std::move((*message)->bytes));
            co_await wait_for_rate(channel, bytes);
            if (closed_) co_return why_;
        }
    }
    co_return why_;
}

asio::awaitable<void, Context::executor_type> Connection::wait_for_rate(Channel channel,
                                                                        std::size_t bytes) {
    auto& spent_until = spent_until_[static_cast<std::size_t>(channel)];
    auto now = steady_clock::now();
    // A message costs at least as much as 64 bytes, or a flood of empty ones would be free.
    auto cost =
        std::chrono::nanoseconds(std::uint64_t{1'000'000'000} * std::max<std::size_t>(bytes, 64) /
                                 limits_of(channel).receive_bytes_per_second);
    spent_until = std::max(spent_until, now) + cost;
    if (spent_until - now <= kRateBurst) co_return;
    boost::system::error_code ignored;
    rate_timer_.expires_at(spent_until - kRateBurst);
    co_await rate_timer_.async_wait(asio::redirect_error(Token(), ignored));
    heard_at_ = steady_clock::now();
}

}  // namespace ashlar::peer
