// How the parts of a validator reach the others: the network as they see it. What cannot be sent is
// dropped. All from any thread.
#pragma once

#include <string>

#include "crypto/ed25519.h"
#include "native/peer/channel.h"
#include "native/peer/frames.h"

namespace ashlar::validator {

class Transport {
  public:
    virtual ~Transport() = default;
    virtual void send(const crypto::PublicKey& to, peer::Channel channel,
                      peer::SharedMessage message) = 0;
    virtual void broadcast(peer::Channel channel, peer::SharedMessage message) = 0;
    // Closes the connection, for the peer sent what no honest one sends.
    virtual void refuse(const crypto::PublicKey& peer, const std::string& reason) = 0;
};

}  // namespace ashlar::validator
