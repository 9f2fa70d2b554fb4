#include "native/http/socket_session.h"

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <functional>
#include <mutex>

namespace ashlar::http {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

namespace {

// How long the handshake and the closing may take, and how long a client may be silent: half of it
// later it is sent a ping.
constexpr std::chrono::seconds kHandshakeTimeMax{10};
constexpr std::chrono::seconds kIdleTimeMax{60};
// A close frame holds at most 123 bytes of reason.
constexpr std::size_t kReasonBytesMax = 120;

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
    });
}

// What waits to be sent. Outlives its session where somebody holds it; then it takes nothing.
class Outbox final : public SocketOutbox {
  public:
    Outbox(std::size_t bytes_max, std::function<void()> wake)
        : bytes_max_(bytes_max), wake_(std::move(wake)) {}

    bool send(std::shared_ptr<const Bytes> message) override {
        const std::lock_guard lock(mutex_);
        if (is_shut_ || is_over_) return false;
        bytes_ += message->size();
        messages_.push_back(std::move(message));
        if (bytes_ > bytes_max_) is_over_ = true;
        wake_();
        return !is_over_;
    }
    std::size_t queued_bytes() const override {
        const std::lock_guard lock(mutex_);
        return bytes_;
    }

    // Null where nothing waits. It is counted until it was sent.
    std::shared_ptr<const Bytes> first() const {
        const std::lock_guard lock(mutex_);
        return messages_.empty() ? nullptr : messages_.front();
    }
    void remove_first() {
        const std::lock_guard lock(mutex_);
        bytes_ -= messages_.front()->size();
        messages_.pop_front();
    }
    bool is_over() const {
        const std::lock_guard lock(mutex_);
        return is_over_;
    }
    void shut() {
        const std::lock_guard lock(mutex_);
        is_shut_ = true;
        wake_ = [] {};
    }

  private:
    const std::size_t bytes_max_;
    mutable std::mutex mutex_;
    std::function<void()> wake_;
    std::deque<std::shared_ptr<const Bytes>> messages_;
    std::size_t bytes_ = 0;
    bool is_over_ = false;  // it holds more than it may
    bool is_shut_ = false;
};

class BeastSession final : public SocketSession, public std::enable_shared_from_this<BeastSession> {
  public:
    BeastSession(Socket socket, net::io_context& context, const HttpLimits& limits)
        : context_(context), limits_(limits), stream_(std::move(socket)), changed_(context) {
        websocket::stream_base::timeout timeout{};
        timeout.handshake_timeout = kHandshakeTimeMax;
        timeout.idle_timeout = kIdleTimeMax;
        timeout.keep_alive_pings = true;
        stream_.set_option(timeout);
        stream_.set_option(websocket::stream_base::decorator(
            [](websocket::response_type& response) { response.set("Server", "ashlar"); }));
        stream_.read_message_max(limits.socket_message_bytes_max);
        stream_.binary(true);
        stream_.auto_fragment(false);
    }
    ~BeastSession() override {
        if (outbox_) outbox_->shut();
    }

    // Behind the constructor, for the outbox names this.
    void begin() {
        outbox_ = std::make_shared<Outbox>(limits_.socket_queue_bytes_max,
                                           [weak = weak_from_this(), &context = context_] {
                                               net::post(context, [weak] {
                                                   if (const auto self = weak.lock())
                                                       self->look_again();
                                               });
                                           });
    }

    Awaitable<bool> accept(const api::Request& head) override {
        beast::http::request<beast::http::empty_body> request(beast::http::verb::get, head.path,
                                                              11);
        for (const auto& [name, value] : head.headers) request.insert(name, value);
        auto [error] = co_await stream_.async_accept(request, kTuple);
        co_return !error;
    }

    Awaitable<void> write_all() override {
        while (!is_lost_) {
            const std::shared_ptr<const Bytes> message = outbox_->first();
            if (message == nullptr) {
                if (is_ending_) break;
                changed_.expires_at(Clock::time_point::max());
                co_await changed_.async_wait(kTuple);
                continue;
            }
            auto [error, count] =
                co_await stream_.async_write(net::buffer(message->data(), message->size()), kTuple);
            if (error) is_lost_ = true;
            if (!error) outbox_->remove_first();
        }
        outbox_->shut();
        if (!is_lost_) {
            websocket::close_reason reason(is_stopping_ ? websocket::close_code::going_away
                                                        : websocket::close_code::policy_error);
            reason.reason.assign(reason_.data(), reason_.size());
            co_await stream_.async_close(reason, kTuple);
        }
        has_written_ = true;
        changed_.cancel();
        close_socket();
    }

    Awaitable<bool> read(Bytes& message) override {
        if (is_lost_ || is_ending_) co_return false;
        auto [error, count] = co_await stream_.async_read(buffer_, kTuple);
        if (error) {
            is_lost_ = true;
            look_again();
            co_return false;
        }
        if (!stream_.got_binary()) {
            end(false, "messages are binary");
            co_return false;
        }
        const auto* begin = static_cast<const Byte*>(buffer_.data().data());
        message.assign(begin, begin + buffer_.size());
        buffer_.consume(buffer_.size());
        buffer_.shrink_to_fit();
        co_return true;
    }

    void end(bool is_stopping, std::string reason) override {
        if (is_ending_) return;
        is_ending_ = true;
        is_stopping_ = is_stopping;
        reason_ = std::move(reason);
        if (reason_.size() > kReasonBytesMax) reason_.resize(kReasonBytesMax);
        look_again();
    }

    void cut() override {
        is_lost_ = true;
        close_socket();
        changed_.cancel();
    }

    Awaitable<void> ended() override {
        while (!has_written_) {
            changed_.expires_at(Clock::time_point::max());
            co_await changed_.async_wait(kTuple);
        }
    }

    std::shared_ptr<SocketOutbox> outbox() override { return outbox_; }

  private:
    void look_again() {
        if (outbox_->is_over() && !is_lost_) return cut();
        changed_.cancel();
    }
    void close_socket() {
        boost::system::error_code ignored;
        beast::get_lowest_layer(stream_).close(ignored);
    }

    net::io_context& context_;
    const HttpLimits limits_;
    websocket::stream<Socket> stream_;
    Timer changed_;  // cancelled whenever there is something to look at
    beast::flat_buffer buffer_;
    std::shared_ptr<Outbox> outbox_;
    std::string reason_;
    bool is_ending_ = false;
    bool is_stopping_ = false;
    bool is_lost_ = false;
    bool has_written_ = false;
};

}  // namespace

bool asks_for_socket(const api::Request& head) {
    return head.method == "GET" &&
           equal_ignoring_case(head.header("upgrade").value_or(""), "websocket");
}

std::shared_ptr<SocketSession> SocketSession::make(Socket socket, net::io_context& context,
                                                   const HttpLimits& limits) {
    auto session = std::make_shared<BeastSession>(std::move(socket), context, limits);
    session->begin();
    return session;
}

}  // namespace ashlar::http
