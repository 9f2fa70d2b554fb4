// How a validator that is new, or was away for too long, gets a state: the rows of the newest final
// state that a peer offers, checked against the genesis' validators by the header's certificate and
// against the header by their roots; then every repository's packs, each checked as any other,
// until all that its refs reach is here.
//
// It runs before the node does, on the caller's thread, and may be cut short at any point: the
// store is marked until the end, and the next start begins again. Packs that were stored are kept.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <set>

#include "chain/snapshot.h"
#include "native/validator/pack_exchange.h"

namespace ashlar::validator {

struct SnapshotOptions {
    std::uint32_t answer_ms_max = 10'000;
    // After this, who has offered nothing is not waited for; and when nobody has, the network is
    // taken for one that begins, for then blocks lead on from the genesis.
    std::uint32_t offers_ms_max = 15'000;
    std::size_t tries_max = 5;
    // Of one pack, from all who are connected; and how many are asked for ahead.
    std::uint32_t pack_ms_max = 10 * 60 * 1000;
    std::size_t packs_ahead = 16;
};

// Whether the store needs one before a node can start over it: it is empty, or one was begun.
Expected<bool> needs_snapshot(const KeyValueReader& rows);

class SnapshotFetcher {
  public:
    // The exchange has no state to serve. All outlive this.
    SnapshotFetcher(KeyValue& rows, PackExchange& exchange, Transport& transport,
                    const forge::Genesis& genesis, const SnapshotOptions& options);

    // The height of the state that the store then holds; nothing where nobody has more than the
    // genesis. `progress` is told now and then, in words for a log. Fails with `unavailable` where
    // none came through, and the start is to be tried again.
    using Progress = std::function<void(const std::string&)>;
    Expected<std::optional<ledger::Height>> run(const Progress& progress);

  private:
    struct Offer {
        PublicKey from;
        codec::SnapshotId snapshot;
        chain::FinalizedHeader finalized;
        std::vector<chain::FinalizedHeader> epochs;  // the last of each before
    };
    struct Offers {
        std::vector<Offer> good;         // newest first
        std::size_t at_the_genesis = 0;  // who had nothing more
        std::size_t bad = 0;             // whose header was not certified
    };

    // A pack on its way. When this goes, nobody waits for it any more.
    struct PackArrival {
        git::PackDigest pack;
        std::shared_ptr<const int> wanted;
        std::future<Expected<void>> arrived;
    };

    Offers ask_for_offers();
    // All at once, so that who is silent hides nobody. Whether anybody was left to ask.
    bool ask_who_has_not_answered(std::chrono::steady_clock::time_point deadline,
                                  std::set<PublicKey>& answered, Offers& offers);
    void take_offer(const PublicKey& from, const codec::PeerMessage& answer, Offers& offers);
    Expected<Offer> check_offer(const PublicKey& from, const codec::SnapshotOffer& offer);
    Expected<chain::EpochChange> ask_epoch(const PublicKey& from, ledger::Epoch epoch);
    Expected<void> fetch_from(const Offer& offer, const Progress& progress);
    Expected<void> fetch_rows(const Offer& offer, chain::SnapshotWriter& writer);
    Expected<codec::RowsAnswer> ask_rows(const Offer& offer, const Bytes& from,
                                         std::uint64_t value_offset);
    Expected<void> fetch_repositories(const Offer& offer, const Progress& progress);
    Expected<void> fetch_packs(const Offer& offer, const std::vector<chain::RepositoryPack>& packs);
    PackArrival want_pack(const Offer& offer, const git::PackDigest& pack);
    Expected<void> check_repository(const forge::Repository& repository,
                                    const std::vector<chain::RepositoryPack>& packs);
    codec::PeerRequestId ask(const PublicKey& peer,
                             const std::function<codec::PeerMessage(codec::PeerRequestId)>& make);

    KeyValue& rows_;
    PackExchange& exchange_;
    Transport& transport_;
    const forge::Genesis& genesis_;
    const SnapshotOptions options_;
};

}  // namespace ashlar::validator
