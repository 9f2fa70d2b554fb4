// The connections of one validator to all others, on a thread of their own.
//
// Of each pair, the one with the smaller key dials and the other listens, so there is one
// connection between two. What is lost is dialled again, with growing pauses and some chance in
// them. Unknown identities are refused. A message that cannot be sent now is dropped: whoever needs
// it asks again (consensus does).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "crypto/ed25519.h"
#include "ledger/ids.h"
#include "native/peer/frames.h"

namespace ashlar::peer {

using crypto::PublicKey;

struct PeerAddress {
    PublicKey key;
    std::string host;  // a name or an address
    std::uint16_t port = 0;
    friend bool operator==(const PeerAddress&, const PeerAddress&) = default;
};

struct PeerOptions {
    ledger::ChainId chain;
    std::string listen_host = "127.0.0.1";
    std::uint16_t listen_port = 0;  // 0: any that is free
    std::vector<PeerAddress> peers;
    std::uint32_t handshake_ms_max = 5'000;
    std::uint32_t connect_pause_ms_min = 50;
    std::uint32_t connect_pause_ms_max = 5'000;
    std::uint32_t keep_alive_ms = 2'000;   // silence after which a sign of life is sent
    std::uint32_t silence_ms_max = 8'000;  // silence after which a connection is given up
    std::size_t handshakes_max = 64;       // under way at once, of strangers
    // How long a peer that was refused is not talked to.
    std::uint32_t refused_ms = 60'000;
};

// All are called on the network's thread, and must not block.
struct PeerHandlers {
    std::function<void(const PublicKey& from, Channel channel, Bytes message)> message;
    std::function<void(const PublicKey& peer)> connected;
    std::function<void(const PublicKey& peer, const std::string& why)> disconnected;
};

struct PeerStatus {
    PublicKey key;
    std::string address;
    bool connected = false;
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t dropped_messages = 0;
};

// To one peer, or to all.
struct OutgoingMessage {
    std::optional<PublicKey> to;
    Channel channel = Channel::votes;
    SharedMessage message;
};

class PeerNetwork {
  public:
    // Fills with bytes that nobody can guess.
    using Random = std::function<void(std::span<Byte>)>;

    // Fails with `unavailable` where the address cannot be listened on; the detail names it.
    static Expected<std::unique_ptr<PeerNetwork>> start(const PeerOptions& options,
                                                        const crypto::SigningKey& key,
                                                        Random random, PeerHandlers handlers);
    // Closes every connection and ends the thread; no handler runs afterwards.
    ~PeerNetwork();
    PeerNetwork(const PeerNetwork&) = delete;
    PeerNetwork& operator=(const PeerNetwork&) = delete;

    std::uint16_t listen_port() const;

    // All from any thread.
    void send(const PublicKey& to, Channel channel, SharedMessage message);
    void broadcast(Channel channel, SharedMessage message);
    // These together, which is cheaper than one by one.
    void send_all(const std::vector<OutgoingMessage>& messages);
    // Replaces the peers: new ones are dialled, those that are gone are closed.
    void set_peers(std::vector<PeerAddress> peers);
    // Closes the connection, and keeps it closed for a while.
    void refuse(const PublicKey& peer, const std::string& reason);
    std::vector<PeerStatus> status() const;

  private:
    struct State;
    explicit PeerNetwork(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace ashlar::peer
