#include "native/peer/peer_network.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "native/peer/handshake.h"

namespace ashlar::peer {
namespace {

using std::chrono::milliseconds;

crypto::SigningKey key(Byte seed) {
    return *crypto::SigningKey::from_seed(Bytes(32, seed));
}

void system_random(std::span<Byte> into) {
    std::random_device device;
    for (Byte& byte : into) byte = static_cast<Byte>(device());
}

// One validator of a test, with all that it heard.
class Validator {
  public:
    explicit Validator(Byte seed, std::string_view chain = "network") : key_(key(seed)) {
        options_.chain = {crypto::hash("test chain", as_bytes(chain))};
        options_.connect_pause_ms_min = 5;
        options_.connect_pause_ms_max = 50;
        options_.keep_alive_ms = 50;
        options_.silence_ms_max = 1'000;
        options_.handshake_ms_max = 300;
    }
    PeerOptions& options() { return options_; }
    const PublicKey& id() const { return key_.public_key(); }

    void start() {
        network_ = PeerNetwork::start(options_, key_, system_random, handlers()).value();
        options_.listen_port = network_->listen_port();
    }
    void stop() { network_.reset(); }
    PeerNetwork& network() { return *network_; }
    PeerAddress address() const { return {id(), "127.0.0.1", options_.listen_port}; }

    // Waits until what was heard satisfies; the test fails where that takes half a minute.
    template <typename Condition>
    void wait(Condition satisfies) {
        std::unique_lock lock(mutex_);
        ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30), satisfies));
    }
    void wait_connected(std::size_t count) {
        wait([&] { return connected_ == count; });
    }

    std::vector<std::pair<PublicKey, ReceivedMessage>> heard_;
    std::size_t connected_ = 0;

  private:
    PeerHandlers handlers() {
        return {[this](const PublicKey& from, Channel channel, Bytes message) {
                    change([&] { heard_.push_back({from, {channel, std::move(message)}}); });
                },
                [this](const PublicKey&) { change([&] { ++connected_; }); },
                [this](const PublicKey&, const std::string&) { change([&] { --connected_; }); }};
    }
    template <typename Action>
    void change(Action action) {
        std::lock_guard lock(mutex_);
        action();
        changed_.notify_all();
    }

    crypto::SigningKey key_;
    PeerOptions options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::unique_ptr<PeerNetwork> network_;  // last: its thread uses the others
};

void connect(std::vector<Validator*> all) {
    std::vector<PeerAddress> addresses;
    for (Validator* one : all) addresses.push_back(one->address());
    for (Validator* one : all) one->network().set_peers(addresses);
}

SharedMessage text(std::string_view words) {
    return std::make_shared<const Bytes>(to_bytes(words));
}

TEST(PeerNetwork, connects_each_pair_once_and_carries_messages_both_ways) {
    Validator a(1), b(2), c(3);
    for (Validator* one : {&a, &b, &c}) one->start();
    connect({&a, &b, &c});
    for (Validator* one : {&a, &b, &c}) one->wait_connected(2);
    a.network().broadcast(Channel::votes, text("from a"));
    b.network().send(a.id(), Channel::sync, std::make_shared<const Bytes>(kMebibyte, Byte{9}));
    b.wait([&] { return b.heard_.size() == 1; });
    c.wait([&] { return c.heard_.size() == 1; });
    a.wait([&] { return a.heard_.size() == 1; });
    EXPECT_EQ(b.heard_[0].first, a.id());
    EXPECT_EQ(b.heard_[0].second.bytes, to_bytes("from a"));
    EXPECT_EQ(a.heard_[0].second.channel, Channel::sync);
    EXPECT_EQ(a.heard_[0].second.bytes, Bytes(kMebibyte, 9));
}

TEST(PeerNetwork, comes_back_by_itself_after_a_restart_of_either_side) {
    Validator a(1), b(2);
    a.start();
    b.start();
    connect({&a, &b});
    for (Validator* restarted : {&a, &b}) {
        Validator* other = restarted == &a ? &b : &a;
        other->wait_connected(1);
        restarted->wait_connected(1);
        restarted->stop();
        other->wait_connected(0);
        restarted->connected_ = 0;
        restarted->options().peers = {a.address(), b.address()};
        restarted->start();
    }
    a.wait_connected(1);
    b.wait_connected(1);
}

TEST(PeerNetwork, stays_connected_when_nothing_is_said) {
    Validator a(1), b(2);
    a.options().silence_ms_max = b.options().silence_ms_max = 400;
    a.start();
    b.start();
    connect({&a, &b});
    a.wait_connected(1);
    b.wait_connected(1);
    std::this_thread::sleep_for(milliseconds(1'000));
    b.network().send(a.id(), Channel::votes, text("still here"));
    a.wait([&] { return a.heard_.size() == 1; });
    EXPECT_EQ(a.connected_, 1u);
}

TEST(PeerNetwork, talks_to_no_stranger_and_no_other_network) {
    Validator a(1), b(2), stranger(3), foreign(4, "another network");
    for (Validator* one : {&a, &b, &stranger, &foreign}) one->start();
    connect({&a, &b});
    stranger.network().set_peers({a.address(), b.address()});
    foreign.network().set_peers({a.address(), b.address()});
    a.network().set_peers({b.address(), foreign.address()});
    a.wait_connected(1);
    std::this_thread::sleep_for(milliseconds(300));
    EXPECT_EQ(stranger.connected_, 0u);
    EXPECT_EQ(foreign.connected_, 0u);
    EXPECT_EQ(a.connected_, 1u);
}

TEST(PeerNetwork, a_refused_peer_stays_away) {
    Validator a(1), b(2);
    a.start();
    b.start();
    connect({&a, &b});
    b.wait_connected(1);
    b.network().refuse(a.id(), "two votes in one view");
    b.wait_connected(0);
    std::this_thread::sleep_for(milliseconds(300));
    EXPECT_EQ(b.connected_, 0u);
}

// A raw connection that says the given bytes; how long it was kept open, in milliseconds.
long long say_and_wait_for_close(std::uint16_t port, ByteView bytes) {
    int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    auto started = std::chrono::steady_clock::now();
    char buffer[4096];
    while (::recv(socket, buffer, sizeof(buffer), 0) > 0) {
    }
    ::close(socket);
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - started)
        .count();
}

TEST(PeerNetwork, closes_on_garbage_and_on_silence_and_serves_others_meanwhile) {
    Validator a(1), b(2);
    a.start();
    b.start();
    connect({&a, &b});
    b.wait_connected(1);
    say_and_wait_for_close(b.options().listen_port, Bytes(5'000, 'x'));
    say_and_wait_for_close(b.options().listen_port, Bytes(10, 'x'));
    a.network().send(b.id(), Channel::votes, text("alive"));
    b.wait([&] { return b.heard_.size() == 1; });
}

TEST(PeerNetwork, says_where_it_cannot_listen) {
    Validator a(1), b(2);
    a.start();
    b.options().listen_port = a.options().listen_port;
    auto network = PeerNetwork::start(b.options(), key(2), system_random, {});
    ASSERT_FALSE(network);
    EXPECT_EQ(network.error().code, ErrorCode::unavailable);
    EXPECT_NE(network.error().detail.find(std::to_string(a.options().listen_port)),
              std::string::npos);
}

}  // namespace
}  // namespace ashlar::peer
