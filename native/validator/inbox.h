// What waits for the one thread that owns the engine: pieces of work from any thread, in order.
// What peers send is bounded for each of them, so that none takes the others' room; what is over
// the bound is dropped, and asked for again by whoever needs it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "crypto/ed25519.h"

namespace ashlar::validator {

// Of one peer's messages that wait.
inline constexpr std::size_t kInboxBytesPerPeerMax = std::size_t{96} << 20;
inline constexpr std::size_t kInboxMessagesPerPeerMax = 4096;

class Inbox {
  public:
    using Clock = std::chrono::steady_clock;
    using Work = std::function<void()>;

    // Dropped once it is closed.
    void post(Work work);
    // False where the peer has too much waiting: the message is dropped.
    bool post_from(const crypto::PublicKey& peer, std::size_t bytes, Work work);
    void close();

    // All that waits, as soon as something does; nothing of it at the given time; no value once it
    // is closed.
    std::optional<std::vector<Work>> take_until(std::optional<Clock::time_point> until);

  private:
    struct Item {
        Work work;
        std::optional<crypto::PublicKey> peer;
        std::size_t bytes = 0;
    };
    struct Share {
        std::size_t bytes = 0;
        std::size_t messages = 0;
    };

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Item> items_;
    std::map<crypto::PublicKey, Share> shares_;
    bool closed_ = false;
};

}  // namespace ashlar::validator
