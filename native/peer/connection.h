// One TCP connection to a peer, from its handshake to its end. Private to peer_network.cpp and
// connection.cpp: the only files here that know Asio.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "native/peer/frames.h"
#include "native/peer/handshake.h"
#include "native/peer/peer_network.h"

namespace ashlar::peer {

namespace asio = boost::asio;

using Context = asio::io_context;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Context::executor_type>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>,
                                         Context::executor_type>;
using Nothing = asio::awaitable<void, Context::executor_type>;
using Token = asio::use_awaitable_t<Context::executor_type>;

// Lives on the network's thread; kept alive by its own coroutines. Others may send: what is short
// they hand to the socket themselves, for a vote should not wait until the network's thread wakes
// up. Once the socket takes no more, that thread writes on.
class Connection : public std::enable_shared_from_this<Connection> {
  public:
    using OnMessage = std::function<void(Channel channel, Bytes message)>;

    Connection(Socket socket, const PeerOptions& options);

    // Runs the handshake within its deadline. Fails as Handshake does, or with `unavailable`.
    asio::awaitable<Expected<void>, Context::executor_type> shake_hands(Handshake handshake);
    // Reads and writes until the connection ends; gives the reason.
    asio::awaitable<std::string, Context::executor_type> run(OnMessage on_message);

    const PublicKey& remote() const { return remote_; }
    using Messages = std::vector<std::pair<Channel, SharedMessage>>;
    // From any thread, once the hands are shaken. How many were dropped, because the channel's
    // queue is full or the connection has ended.
    std::size_t send(const Messages& messages);
    void close(const std::string& why);

    std::uint64_t sent_bytes() const {
        const std::lock_guard lock(send_mutex_);
        return sent_bytes_;
    }
    std::uint64_t received_bytes() const { return received_bytes_; }

  private:
    Nothing write_frames();
    Nothing keep_alive();
    asio::awaitable<std::string, Context::executor_type> read_frames(OnMessage on_message);
    std::optional<ByteView> next_frame();
    void make_room();
    asio::awaitable<void, Context::executor_type> wait_for_rate(Channel channel, std::size_t bytes);
    std::optional<Bytes> take_batch();
    // With send_mutex_ held.
    Bytes next_batch();
    bool write_now();
    void wake_writer();

    Socket socket_;
    const PeerOptions& options_;
    Timer deadline_;  // of the handshake
    Timer wake_;      // the writer waits on it
    Timer alive_;
    Timer rate_timer_;
    PublicKey remote_;
    std::optional<crypto::NoiseHandshake::Session> session_;
    FrameAssembler assembler_;
    Bytes received_;               // a buffer, of which this part is not taken yet:
    std::size_t taken_until_ = 0;  // from here
    std::size_t filled_until_ = 0;
    bool closed_ = false;
    std::string why_;
    std::chrono::steady_clock::time_point heard_at_;
    // When each channel's peer has used up what it may send, by its rate.
    std::array<std::chrono::steady_clock::time_point, kChannelCount> spent_until_{};
    std::uint64_t received_bytes_ = 0;

    // What senders share, with session_->send.
    mutable std::mutex send_mutex_;
    FrameQueue queue_;
    Bytes unsent_;          // encrypted; goes before the queue
    bool writing_ = false;  // the network's thread does, and takes whatever comes
    bool keep_alive_due_ = false;
    bool send_closed_ = false;
    std::chrono::steady_clock::time_point spoke_at_;
    std::uint64_t sent_bytes_ = 0;
};

}  // namespace ashlar::peer
