#include "native/peer/peer_network.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <future>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "native/peer/connection.h"

namespace ashlar::peer {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Context::executor_type>;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Context::executor_type>;

crypto::NoiseKey random_key(const PeerNetwork::Random& random) {
    crypto::NoiseKey key;
    random(key);
    return key;
}

}  // namespace

struct PeerNetwork::State {
    // What is known of one peer. Lives on the network's thread; `shown` is for status().
    struct Peer {
        PeerAddress address;
        std::shared_ptr<Connection> connection;
        std::shared_ptr<Timer> pause;  // while it is being dialled: ends the waiting
        steady_clock::time_point refused_until{};
        std::atomic<std::uint64_t> dropped_messages = 0;
        bool gone = false;
    };

    State(const PeerOptions& given, const crypto::SigningKey& key, Random randomness,
          PeerHandlers callbacks)
        : options(given),
          random(std::move(randomness)),
          handlers(std::move(callbacks)),
          identity(make_local_identity(options.chain, key, random_key(random))),
          acceptor(context.get_executor()),
          work(asio::make_work_guard(context)) {}

    Expected<void> listen();
    Nothing accept();
    Nothing greet(Socket socket);
    Nothing dial(std::shared_ptr<Peer> peer);
    asio::awaitable<bool, Context::executor_type> dial_once(std::shared_ptr<Peer> peer);
    asio::awaitable<void, Context::executor_type> talk(std::shared_ptr<Peer> peer,
                                                       std::shared_ptr<Connection> connection);
    void set_peers(std::vector<PeerAddress> addresses);
    void send_all(const std::vector<OutgoingMessage>& messages);
    void refuse(const PublicKey& key, const std::string& reason);
    void stop();
    bool may_talk_to(const PublicKey& key) const;
    milliseconds jittered(milliseconds pause);
    std::vector<PeerStatus> status() const;

    const PeerOptions options;
    Random random;
    PeerHandlers handlers;
    const LocalIdentity identity;
    Context context{1};
    Acceptor acceptor;
    asio::executor_work_guard<Context::executor_type> work;
    std::map<PublicKey, std::shared_ptr<Peer>> peers;
    // Those of them that are connected, for senders on other threads.
    struct Route {
        std::shared_ptr<Peer> peer;
        std::shared_ptr<Connection> connection;
    };
    std::shared_mutex routes_mutex;
    std::map<PublicKey, Route> routes;
    std::size_t handshakes = 0;
    bool stopping = false;
    std::thread thread;
};

Expected<void> PeerNetwork::State::listen() {
    boost::system::error_code error;
    Resolver resolver(context.get_executor());
    auto found = resolver.resolve(options.listen_host, std::to_string(options.listen_port),
                                  asio::ip::resolver_base::passive, error);
    std::string where = options.listen_host + ":" + std::to_string(options.listen_port);
    if (error || found.empty()) {
        return fail(ErrorCode::unavailable,
                    "cannot listen for peers on " + where + ": " + error.message());
    }
    asio::ip::tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        return fail(ErrorCode::unavailable,
                    "cannot listen for peers on " + where + ": " + error.message());
    }
    return {};
}

bool PeerNetwork::State::may_talk_to(const PublicKey& key) const {
    auto found = peers.find(key);
    return found != peers.end() && found->second->refused_until <= steady_clock::now();
}

Nothing PeerNetwork::State::accept() {
    while (!stopping) {
        boost::system::error_code error;
        Socket socket(context.get_executor());
        co_await acceptor.async_accept(socket, asio::redirect_error(Token(), error));
        if (stopping) co_return;
        if (error) {
            // Out of descriptors, most likely: give others time to close some.
            Timer pause(context.get_executor(), milliseconds(options.connect_pause_ms_min));
            co_await pause.async_wait(asio::redirect_error(Token(), error));
            continue;
        }
        if (handshakes >= options.handshakes_max) continue;  // dropped: it may come again
        asio::co_spawn(context.get_executor(), greet(std::move(socket)), asio::detached);
    }
}

Nothing PeerNetwork::State::greet(Socket socket) {
    ++handshakes;
    auto connection = std::make_shared<Connection>(std::move(socket), options);
    Handshake handshake(crypto::NoiseRole::responder, identity, random_key(random), std::nullopt,
                        [this](const PublicKey& key) { return may_talk_to(key); });
    auto shaken = co_await connection->shake_hands(std::move(handshake));
    --handshakes;
    if (!shaken || stopping) co_return;
    auto found = peers.find(connection->remote());
    // We dial those with a greater key; that they dial us means that they are not what they seem.
    if (found == peers.end() || identity.key < connection->remote()) {
        connection->close("the peer dialled against the order of keys");
        co_return;
    }
    co_await talk(found->second, std::move(connection));
}

asio::awaitable<void, Context::executor_type> PeerNetwork::State::talk(
    std::shared_ptr<Peer> peer, std::shared_ptr<Connection> connection) {
    const PublicKey key = peer->address.key;
    if (peer->connection) {
        // The peer restarted before its old connection was found dead.
        peer->connection->close("the peer connected anew");
        if (handlers.disconnected) handlers.disconnected(key, "the peer connected anew");
    }
    peer->connection = connection;
    {
        const std::unique_lock lock(routes_mutex);
        routes[key] = {peer, connection};
    }
    if (handlers.connected) handlers.connected(key);
    Connection::OnMessage on_message = [this, key](Channel channel, Bytes message) {
        if (!stopping && handlers.message) handlers.message(key, channel, std::move(message));
    };
    std::string why = co_await connection->run(std::move(on_message));
    {
        const std::unique_lock lock(routes_mutex);
        const auto route = routes.find(key);
        if (route != routes.end() && route->second.connection == connection) routes.erase(route);
    }
    if (peer->connection == connection) {
        peer->connection.reset();
        if (!stopping && handlers.disconnected) handlers.disconnected(key, why);
    }
}

asio::awaitable<bool, Context::executor_type> PeerNetwork::State::dial_once(
    std::shared_ptr<Peer> peer) {
    boost::system::error_code error;
    Resolver resolver(context.get_executor());
    auto found =
        co_await resolver.async_resolve(peer->address.host, std::to_string(peer->address.port),
                                        asio::redirect_error(Token(), error));
    if (error) co_return false;
    Socket socket(context.get_executor());
    co_await asio::async_connect(socket, found, asio::redirect_error(Token(), error));
    if (error || stopping || peer->gone) co_return false;
    auto connection = std::make_shared<Connection>(std::move(socket), options);
    Handshake handshake(crypto::NoiseRole::initiator, identity, random_key(random),
                        peer->address.key,
                        [this](const PublicKey& key) { return may_talk_to(key); });
    auto shaken = co_await connection->shake_hands(std::move(handshake));
    if (!shaken || stopping || peer->gone) {
        connection->close("not wanted any more");
        co_return false;
    }
    co_await talk(peer, std::move(connection));
    co_return true;
}

Nothing PeerNetwork::State::dial(std::shared_ptr<Peer> peer) {
    const milliseconds shortest(options.connect_pause_ms_min);
    milliseconds pause = shortest;
    while (!stopping && !peer->gone) {
        bool talked = false;
        if (may_talk_to(peer->address.key)) talked = co_await dial_once(peer);
        if (stopping || peer->gone) co_return;
        pause = talked ? shortest : std::min(pause * 2, milliseconds(options.connect_pause_ms_max));
        boost::system::error_code ignored;
        peer->pause = std::make_shared<Timer>(context.get_executor(), jittered(pause));
        co_await peer->pause->async_wait(asio::redirect_error(Token(), ignored));
    }
}

// Between half of the pause and all of it, so that peers do not come back in step.
milliseconds PeerNetwork::State::jittered(milliseconds pause) {
    std::array<Byte, 2> chance{};
    random(chance);
    auto fraction = (chance[0] << 8) | chance[1];
    return pause / 2 + pause * fraction / (2 * 65536);
}

void PeerNetwork::State::set_peers(std::vector<PeerAddress> addresses) {
    std::map<PublicKey, std::shared_ptr<Peer>> kept;
    for (PeerAddress& address : addresses) {
        if (address.key == identity.key) continue;
        auto found = peers.find(address.key);
        if (found != peers.end() && found->second->address == address) {
            kept.insert(*found);
            continue;
        }
        auto peer = std::make_shared<Peer>();
        peer->address = std::move(address);
        kept.emplace(peer->address.key, peer);
    }
    for (auto& [key, peer] : peers) {
        if (auto found = kept.find(key); found != kept.end() && found->second == peer) continue;
        peer->gone = true;
        if (peer->pause) peer->pause->cancel();
        if (peer->connection) peer->connection->close("the peer was removed");
    }
    peers.swap(kept);
    for (auto& [key, peer] : peers) {
        bool is_new = kept.find(key) == kept.end() || kept.at(key) != peer;
        if (is_new && identity.key < key) {
            asio::co_spawn(context.get_executor(), dial(peer), asio::detached);
        }
    }
}

void PeerNetwork::State::send_all(const std::vector<OutgoingMessage>& messages) {
    const std::shared_lock lock(routes_mutex);
    Connection::Messages its_own;
    for (const auto& [key, route] : routes) {
        its_own.clear();
        for (const OutgoingMessage& outgoing : messages) {
            if (outgoing.to && *outgoing.to != key) continue;
            its_own.emplace_back(outgoing.channel, outgoing.message);
        }
        if (!its_own.empty()) route.peer->dropped_messages += route.connection->send(its_own);
    }
}

void PeerNetwork::State::refuse(const PublicKey& key, const std::string& reason) {
    auto found = peers.find(key);
    if (found == peers.end()) return;
    found->second->refused_until = steady_clock::now() + milliseconds(options.refused_ms);
    if (found->second->connection) found->second->connection->close("refused: " + reason);
}

void PeerNetwork::State::stop() {
    stopping = true;
    boost::system::error_code ignored;
    acceptor.close(ignored);
    for (auto& [key, peer] : peers) {
        peer->gone = true;
        if (peer->pause) peer->pause->cancel();
        if (peer->connection) peer->connection->close("this validator is stopping");
    }
    work.reset();
    context.stop();
}

std::vector<PeerStatus> PeerNetwork::State::status() const {
    std::vector<PeerStatus> all;
    for (const auto& [key, peer] : peers) {
        PeerStatus one;
        one.key = key;
        one.address = peer->address.host + ":" + std::to_string(peer->address.port);
        one.connected = peer->connection != nullptr;
        one.sent_bytes = one.connected ? peer->connection->sent_bytes() : 0;
        one.received_bytes = one.connected ? peer->connection->received_bytes() : 0;
        one.dropped_messages = peer->dropped_messages;
        all.push_back(std::move(one));
    }
    return all;
}

Expected<std::unique_ptr<PeerNetwork>> PeerNetwork::start(const PeerOptions& options,
                                                          const crypto::SigningKey& key,
                                                          Random random, PeerHandlers handlers) {
    auto state = std::make_unique<State>(options, key, std::move(random), std::move(handlers));
    ASHLAR_CHECK(state->listen());
    State* raw = state.get();
    asio::co_spawn(raw->context.get_executor(), raw->accept(), asio::detached);
    asio::post(raw->context.get_executor(), [raw] { raw->set_peers(raw->options.peers); });
    raw->thread = std::thread([raw] { raw->context.run(); });
    return std::unique_ptr<PeerNetwork>(new PeerNetwork(std::move(state)));
}

PeerNetwork::PeerNetwork(std::unique_ptr<State> state) : state_(std::move(state)) {}

PeerNetwork::~PeerNetwork() {
    asio::post(state_->context.get_executor(), [state = state_.get()] { state->stop(); });
    state_->thread.join();
}

std::uint16_t PeerNetwork::listen_port() const {
    boost::system::error_code ignored;
    return state_->acceptor.local_endpoint(ignored).port();
}

void PeerNetwork::send(const PublicKey& to, Channel channel, SharedMessage message) {
    state_->send_all({{to, channel, std::move(message)}});
}

void PeerNetwork::broadcast(Channel channel, SharedMessage message) {
    state_->send_all({{std::nullopt, channel, std::move(message)}});
}

void PeerNetwork::send_all(const std::vector<OutgoingMessage>& messages) {
    state_->send_all(messages);
}

void PeerNetwork::set_peers(std::vector<PeerAddress> peers) {
    asio::post(state_->context.get_executor(),
               [state = state_.get(), peers = std::move(peers)]() mutable {
                   state->set_peers(std::move(peers));
               });
}

void PeerNetwork::refuse(const PublicKey& peer, const std::string& reason) {
    asio::post(state_->context.get_executor(),
               [state = state_.get(), peer, reason] { state->refuse(peer, reason); });
}

std::vector<PeerStatus> PeerNetwork::status() const {
    std::promise<std::vector<PeerStatus>> answer;
    auto future = answer.get_future();
    asio::post(state_->context.get_executor(),
               [state = state_.get(), &answer] { answer.set_value(state->status()); });
    return future.get();
}

}  // namespace ashlar::peer
