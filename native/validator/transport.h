// How the parts of a validator reach the others: the network as they see it. What cannot be sent is
// dropped. All from any thread.
#pragma once

#include <string>
#include <vector>

#include "crypto/ed25519.h"
#include "native/peer/peer_network.h"

namespace ashlar::validator {

class Transport {
  public:
    virtual ~Transport() = default;
    virtual void send(const crypto::PublicKey& to, peer::Channel channel,
                      peer::SharedMessage message) = 0;
    virtual void broadcast(peer::Channel channel, peer::SharedMessage message) = 0;
    // These, in their order.
    virtual void send_all(const std::vector<peer::OutgoingMessage>& messages) {
        for (const peer::OutgoingMessage& outgoing : messages) {
            if (outgoing.to) {
                send(*outgoing.to, outgoing.channel, outgoing.message);
            } else {
                broadcast(outgoing.channel, outgoing.message);
            }
        }
    }
    // Closes the connection, for the peer sent what no honest one sends.
    virtual void refuse(const crypto::PublicKey& peer, const std::string& reason) = 0;
};

}  // namespace ashlar::validator
