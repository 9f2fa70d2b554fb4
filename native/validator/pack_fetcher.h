// Fetches packs by their names from whoever has them: the manifest, whose hash is the name, then
// extent by extent from several validators at once, each checked before it is used.
//
// A pack is fetched once, however many want it, and again and again for as long as somebody does:
// from other validators first, where one answered too late, wrongly, or not at all. What is known
// to arrive in another way is waited for. All methods may be called from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "native/validator/checked_packs.h"
#include "native/validator/request_table.h"
#include "native/validator/transport.h"

namespace ashlar::validator {

struct FetchOptions {
    // One of them only fetches what always is wanted: what a final block names.
    std::size_t threads = 6;
    // Of the others, those that fetch because of one validator.
    std::size_t rounds_per_holder_max = 2;
    // Extents that are asked for ahead of the one that is needed next.
    std::size_t window = 4;
    std::uint32_t answer_ms_max = 5'000;
    // After the grace a download has to come at this rate, or it is given up, where what it brings
    // is not always wanted; and who sends slower is asked for no more of it, where others are left.
    std::uint32_t grace_ms = 20'000;
    std::uint32_t bytes_per_ms_min = 256;
    // Between two rounds of asking everybody; doubles up to the second.
    std::uint32_t retry_ms_min = 100;
    std::uint32_t retry_ms_max = 5'000;
    // Packs that are wanted at once because of one validator; more are refused, but for those that
    // always are wanted. So nobody can take the room of others.
    std::size_t wanted_per_holder_max = 1'024;
    // So often everybody who is connected must have said that it has no such pack before one that
    // is always wanted is reported as lost.
    std::size_t lost_rounds = 3;
};

class PackFetcher {
  public:
    // Nothing where the pack is durable here; `invalid`, `limit_exceeded` or `not_found` where what
    // is named so can never be stored; `unavailable` where too many are wanted already. On any
    // thread; no lock is held.
    using Done = std::function<void(const Expected<void>&)>;
    struct Want {
        git::PackDigest pack;
        std::optional<PublicKey> holder;  // asked first
        // False once nobody waits any more; absent: it always is wanted.
        std::function<bool()> is_wanted;
        Done done;
        std::uint32_t delay_ms = 0;  // it may be on its way
    };
    // How many were asked and had no such pack. It goes on being asked for.
    using OnLost = std::function<void(const git::PackDigest&, std::size_t asked)>;

    PackFetcher(CheckedPacks& checked_packs, Transport& transport, RequestTable& requests,
                const FetchOptions& options, OnLost on_lost);
    ~PackFetcher();
    PackFetcher(const PackFetcher&) = delete;
    PackFetcher& operator=(const PackFetcher&) = delete;

    void want(Want want);
    // Whether somebody waits for it.
    bool is_wanted(const git::PackDigest& pack);
    // Somebody sends it unasked, until that has ended, well or badly; once for each begin. That is
    // waited for, once and for a while: longer where it comes from who is said to have it, for
    // anybody can say that he is about to send something.
    void arrival_begins(const git::PackDigest& pack, const PublicKey& from);
    void arrival_ended(const git::PackDigest& pack, const PublicKey& from);
    // Somebody sends a pack whose name is not known yet; for what is said to be there, that is
    // waited for in the same way.
    void unnamed_begins(const PublicKey& from);
    void unnamed_ended(const PublicKey& from);
    // It was stored, in whatever way.
    void stored(const git::PackDigest& pack) { finish(pack, {}); }
    void peers_changed(std::vector<PublicKey> connected);
    // Nothing is done, and nobody told, once this returned.
    void stop();

  private:
    using Time = RequestTable::Time;
    using Holder = std::optional<PublicKey>;
    struct Entry {
        std::vector<Want> wants;
        // Because of whom it was wanted first; nothing where it always was.
        std::optional<Holder> counts_for;
        Time due;
        std::uint32_t retry_ms = 0;
        std::size_t absent_rounds = 0;
        std::size_t turn = 0;  // which of the peers begins
        bool running = false;
        bool has_waited = false;          // for its arrival
        bool has_waited_unnamed = false;  // for one that might be it
    };
    // One round of asking.
    struct Round {
        git::PackDigest pack;
        std::vector<PublicKey> peers;  // in the order of asking
        // Because of whom; nothing where the pack always was wanted.
        std::optional<Holder> counts_for;
        std::size_t absent = 0;  // who said that they have no such pack
    };
    class Download;

    void run();
    std::optional<Round> next_round();
    // With mutex_ held.
    using Entries = std::map<git::PackDigest, Entry>;
    bool has_room_for(const Want& want) const;
    bool may_begin(const Entry& entry) const;
    // Why a download is not to go on; nothing where it is.
    Expected<void> check_progress(const git::PackDigest& pack, Time begun, std::uint64_t received);
    Entries::iterator erase(Entries::iterator entry);
    void drop_unwanted();
    void wait_for_arrivals(Time now);
    void wait_for(Entry& entry, bool& has_waited, const std::multiset<PublicKey>& senders,
                  Time now);
    Round begin_round(const git::PackDigest& pack, Entry& entry);
    void end_round(const Round& round, const Expected<void>& result);
    Expected<void> fetch(Round& round);
    Expected<codec::PackManifestAnswer> fetch_manifest(Round& round);
    void finish(const git::PackDigest& pack, const Expected<void>& result);
    codec::PeerRequestId ask(const PublicKey& peer,
                             const std::function<codec::PeerMessage(codec::PeerRequestId)>& make);

    CheckedPacks& checked_packs_;
    Transport& transport_;
    RequestTable& requests_;
    const FetchOptions options_;
    const OnLost on_lost_;

    std::mutex mutex_;
    std::condition_variable wake_;
    Entries entries_;
    std::map<Holder, std::size_t> counts_;  // of the entries
    std::multiset<Holder> rounds_;          // that run, of what is not always wanted
    std::map<git::PackDigest, std::multiset<PublicKey>> arriving_;
    std::multiset<PublicKey> unnamed_;  // who sends one
    std::vector<PublicKey> peers_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace ashlar::validator
