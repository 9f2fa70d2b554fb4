// A thread for work that must not hold the engine up, and may be dropped: checking what peers hand
// in, reading what they ask for. Each peer's share is bounded.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "crypto/ed25519.h"

namespace ashlar::validator {

inline constexpr std::size_t kBackgroundJobsPerPeerMax = 64;
inline constexpr std::size_t kBackgroundBytesPerPeerMax = std::size_t{64} << 20;

class Background {
  public:
    using Work = std::function<void()>;

    Background();
    // What waits is dropped; what runs is waited for.
    ~Background();
    Background(const Background&) = delete;
    Background& operator=(const Background&) = delete;

    // False where the peer has too much waiting: the work is dropped.
    bool post(const crypto::PublicKey& peer, std::size_t bytes, Work work);
    void stop();

  private:
    struct Item {
        Work work;
        crypto::PublicKey peer;
        std::size_t bytes = 0;
    };
    struct Share {
        std::size_t jobs = 0;
        std::size_t bytes = 0;
    };
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Item> items_;
    std::map<crypto::PublicKey, Share> shares_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace ashlar::validator
