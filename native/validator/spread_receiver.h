// Receives packs that other validators send unasked: small ones whole, large ones while they arrive
// there. What is received is checked at once and stored as soon as its sender says that it is; it
// then waits for a transaction to name it.
//
// Memory is bounded by the room that is given to each sender, the disk by what one sender may store
// here that nothing has named yet. What does not work out is dropped: whoever needs the pack
// fetches it by its name.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "git/object/object_source.h"
#include "native/validator/checked_packs.h"
#include "native/validator/job_pool.h"
#include "native/validator/pack_fetcher.h"
#include "native/validator/transport.h"

namespace ashlar::validator {

struct SpreadLimits {
    std::size_t spreads_per_peer_max = 4;                         // at once
    std::size_t small_bytes_per_peer_max = std::size_t{8} << 20;  // that wait to be received
    // Of one sender, stored or on the way, and named by no transaction that was seen.
    std::uint64_t unnamed_bytes_max = std::uint64_t{32} << 30;
    std::size_t unnamed_count_max = 8'192;
    // What was stored for so long without being named has been swept away by now.
    std::uint64_t unnamed_ms = 20 * 60 * 1000;
    // A sender that says nothing for so long has given up.
    std::uint32_t silence_ms_max = 120'000;
    std::size_t threads = 2;
};

class SpreadReceiver {
  public:
    // What a repository holds now, for a thin pack to build on; null where that is nothing.
    using Bases = std::function<std::unique_ptr<git::ObjectSource>(forge::RepositoryId)>;

    SpreadReceiver(CheckedPacks& checked_packs, Transport& transport, PackFetcher& fetcher,
                   Bases bases, const SpreadLimits& limits);

    void take(const PublicKey& from, codec::SmallPack pack);
    void take(const PublicKey& from, const codec::SpreadBegin& begin);
    void take(const PublicKey& from, codec::SpreadBytes bytes);
    void take(const PublicKey& from, const codec::SpreadEnd& end);
    // A transaction names the pack: it counts for nobody any more.
    void named(const git::PackDigest& pack);
    // What those who are gone were sending is dropped.
    void peers_changed(const std::vector<PublicKey>& connected);
    // To be called now and then: drops what its sender has given up. Whether anything is arriving.
    bool tick();
    void stop();

  private:
    using Time = RequestTable::Time;
    using Key = std::pair<PublicKey, codec::SpreadId>;
    struct Incoming;
    struct Unnamed {
        std::uint64_t bytes = 0;
        Time since;
    };
    struct Sender {
        std::map<git::PackDigest, Unnamed> unnamed;
        std::uint64_t unnamed_bytes = 0;
        std::uint64_t arriving_bytes = 0;
        std::size_t small_bytes = 0;  // waiting
        std::size_t small_count = 0;
    };

    void receive_small(const PublicKey& from, const codec::SmallPack& pack);
    void work(const std::shared_ptr<Incoming>& incoming);
    bool work_once(const std::shared_ptr<Incoming>& incoming);
    void finish(const std::shared_ptr<Incoming>& incoming);
    void stop_receiving(const std::shared_ptr<Incoming>& incoming, bool refuse);
    void count_unnamed(const PublicKey& from, const forge::PackReference& pack);
    // With mutex_ held.
    bool has_room(Sender& sender, std::uint64_t bytes);
    void drop(Incoming& incoming);
    void drop_silent(Time now);
    void send(const PublicKey& to, const codec::PeerMessage& message);

    CheckedPacks& checked_packs_;
    Transport& transport_;
    PackFetcher& fetcher_;
    const Bases bases_;
    const SpreadLimits limits_;
    std::mutex mutex_;
    std::map<Key, std::shared_ptr<Incoming>> incoming_;
    std::map<PublicKey, Sender> senders_;
    JobPool small_pool_{1};
    JobPool pool_;  // last: their threads use the others
};

}  // namespace ashlar::validator
