// A network of peers as Transport, once there is one; until then, and after it, nothing is sent.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>
#include <vector>

#include "native/peer/peer_network.h"
#include "native/validator/transport.h"

namespace ashlar::validator {

class PeerTransport final : public Transport {
  public:
    void send(const crypto::PublicKey& to, peer::Channel channel,
              peer::SharedMessage message) override {
        const std::shared_lock lock(mutex_);
        if (network_ != nullptr) network_->send(to, channel, std::move(message));
    }
    void broadcast(peer::Channel channel, peer::SharedMessage message) override {
        const std::shared_lock lock(mutex_);
        if (network_ != nullptr) network_->broadcast(channel, std::move(message));
    }
    void send_all(const std::vector<peer::OutgoingMessage>& messages) override {
        const std::shared_lock lock(mutex_);
        if (network_ != nullptr) network_->send_all(messages);
    }
    void refuse(const crypto::PublicKey& peer, const std::string& reason) override {
        const std::shared_lock lock(mutex_);
        if (network_ != nullptr) network_->refuse(peer, reason);
    }
    void set_peers(std::vector<peer::PeerAddress> peers) {
        const std::shared_lock lock(mutex_);
        if (network_ != nullptr) network_->set_peers(std::move(peers));
    }
    // Not owned; null: none any more.
    void use(peer::PeerNetwork* network) {
        const std::unique_lock lock(mutex_);
        network_ = network;
    }

  private:
    std::shared_mutex mutex_;
    peer::PeerNetwork* network_ = nullptr;
};

}  // namespace ashlar::validator
