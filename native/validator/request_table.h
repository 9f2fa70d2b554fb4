// Requests to other validators that wait for their answers. Whoever asks waits here on a thread of
// its own. All methods may be called from any thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "codec/peer_messages.h"
#include "crypto/ed25519.h"

namespace ashlar::validator {

using crypto::PublicKey;

class RequestTable {
  public:
    using Time = std::chrono::steady_clock::time_point;

    codec::PeerRequestId open(const PublicKey& to);
    // Nobody waits for it any more.
    void close(codec::PeerRequestId request);
    // Passes over what nobody waits for, or waits for from somebody else.
    void answer(const PublicKey& from, codec::PeerRequestId request, codec::PeerMessage message);
    // Closes the request. Fails with `unavailable` where no answer came in time, or the peer went.
    Expected<codec::PeerMessage> wait(codec::PeerRequestId request, Time deadline);

    void peers_changed(const std::vector<PublicKey>& connected);
    // Every wait fails from now on.
    void stop();

  private:
    struct Open {
        PublicKey to;
        std::optional<codec::PeerMessage> message;
        bool gone = false;
    };

    std::mutex mutex_;
    std::condition_variable answered_;
    std::map<codec::PeerRequestId, Open> open_;
    codec::PeerRequestId last_;
    bool stopped_ = false;
};

}  // namespace ashlar::validator
