#include "native/validator/snapshot_fetcher.h"

#include <algorithm>
#include <deque>
#include <map>
#include <thread>
#include <utility>

#include "chain/light_client.h"
#include "codec/proof.h"
#include "git/pack/packed_objects.h"

namespace ashlar::validator {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLookAgain{50};

std::shared_ptr<const KeyValueReader> not_owned(const KeyValue& rows) {
    return {std::shared_ptr<void>(), &rows};
}

// What f may be of this many.
std::size_t faulty_max(const forge::Genesis& genesis) {
    return (genesis.validators.size() - 1) / 3;
}

Expected<bool> holds(const git::PackCatalog& catalog, git::ObjectSource& objects,
                     const git::ObjectReference& wanted) {
    ASHLAR_TRY(const bool there, catalog.contains(wanted.id));
    if (!there) return false;
    ASHLAR_TRY(const auto info, objects.info(wanted.id));
    return info.type == wanted.type;
}

}  // namespace

Expected<bool> needs_snapshot(const KeyValueReader& rows) {
    ASHLAR_TRY(const bool partial, chain::holds_partial_snapshot(rows));
    if (partial) return true;
    const auto tip = chain::load_tip({std::shared_ptr<void>(), &rows});
    if (tip) return false;
    if (tip.error().code == ErrorCode::not_found) return true;
    return Unexpected(tip.error());
}

SnapshotFetcher::SnapshotFetcher(KeyValue& rows, PackExchange& exchange, Transport& transport,
                                 const forge::Genesis& genesis, const SnapshotOptions& options)
    : rows_(rows),
      exchange_(exchange),
      transport_(transport),
      genesis_(genesis),
      options_(options) {}

codec::PeerRequestId SnapshotFetcher::ask(
    const PublicKey& peer, const std::function<codec::PeerMessage(codec::PeerRequestId)>& make) {
    const codec::PeerRequestId request = exchange_.requests().open(peer);
    transport_.send(peer, peer::Channel::sync,
                    std::make_shared<const Bytes>(codec::encode(make(request))));
    return request;
}

Expected<std::optional<ledger::Height>> SnapshotFetcher::run(const Progress& progress) {
    ASHLAR_TRY(const bool begun, chain::holds_partial_snapshot(rows_));
    Error last{ErrorCode::unavailable, "no other validator offered a state"};
    for (std::size_t attempt = 0; attempt < options_.tries_max; ++attempt) {
        const Offers offers = ask_for_offers();
        // One honest validator among them is enough to know that the network has just begun.
        const bool begins =
            offers.at_the_genesis > faulty_max(genesis_) || (attempt > 0 && offers.bad == 0);
        if (offers.good.empty() && begins && !begun) return std::nullopt;
        for (const Offer& offer : offers.good) {
            progress("fetching the state at height " +
                     std::to_string(offer.finalized.header.height.value) + " from " +
                     offer.from.hex());
            const auto fetched = fetch_from(offer, progress);
            if (fetched) return offer.finalized.header.height;
            progress("that failed: " + fetched.error().message());
            last = fetched.error();
        }
    }
    return fail(ErrorCode::unavailable,
                "no state could be fetched from another validator; start again when others run (" +
                    last.message() + ")");
}

// Waits until everybody who can be asked has answered, or for long enough.
SnapshotFetcher::Offers SnapshotFetcher::ask_for_offers() {
    const auto deadline = steady_clock::now() + milliseconds(options_.offers_ms_max);
    Offers offers;
    std::set<PublicKey> answered;
    const std::size_t others = std::max<std::size_t>(genesis_.validators.size(), 2) - 1;
    while (steady_clock::now() < deadline && answered.size() < others) {
        const bool asked = ask_who_has_not_answered(deadline, answered, offers);
        // Enough is known; the others may be down.
        if (!asked && (offers.good.size() > faulty_max(genesis_) ||
                       offers.at_the_genesis > faulty_max(genesis_))) {
            break;
        }
        std::this_thread::sleep_for(kLookAgain);
    }
    std::stable_sort(offers.good.begin(), offers.good.end(),
                     [](const Offer& left, const Offer& right) {
                         return left.finalized.header.height > right.finalized.header.height;
                     });
    return offers;
}

bool SnapshotFetcher::ask_who_has_not_answered(steady_clock::time_point deadline,
                                               std::set<PublicKey>& answered, Offers& offers) {
    std::vector<std::pair<PublicKey, codec::PeerRequestId>> asked;
    for (const PublicKey& peer : exchange_.peers()) {
        if (answered.contains(peer)) continue;
        asked.emplace_back(
            peer, ask(peer, [](codec::PeerRequestId id) { return codec::SnapshotRequest{id}; }));
    }
    const auto until =
        std::min(deadline, steady_clock::now() + milliseconds(options_.answer_ms_max));
    std::vector<std::pair<PublicKey, codec::PeerMessage>> answers;
    for (const auto& [peer, request] : asked) {
        auto answer = exchange_.requests().wait(request, until);
        if (!answer) continue;
        answered.insert(peer);
        answers.emplace_back(peer, std::move(*answer));
    }
    // To check one may take questions of its own.
    for (const auto& [peer, answer] : answers) take_offer(peer, answer, offers);
    return !asked.empty();
}

void SnapshotFetcher::take_offer(const PublicKey& from, const codec::PeerMessage& answer,
                                 Offers& offers) {
    const auto* offer = std::get_if<codec::SnapshotOffer>(&answer);
    if (offer == nullptr) return;
    if (offer->finalized.empty()) {
        ++offers.at_the_genesis;
        return;
    }
    auto checked = check_offer(from, *offer);
    if (checked) {
        offers.good.push_back(std::move(*checked));
    } else {
        ++offers.bad;
    }
}

// By the genesis' validators, or by those that they, and their successors, have handed over to.
Expected<SnapshotFetcher::Offer> SnapshotFetcher::check_offer(const PublicKey& from,
                                                              const codec::SnapshotOffer& offer) {
    Offer checked{from, offer.snapshot, {}, {}};
    ASHLAR_TRY(checked.finalized, codec::decode_finalized_header(offer.finalized));
    if (!checked.finalized.descendants.empty()) {
        return fail(ErrorCode::invalid, "the header has no certificate of its own");
    }
    const consensus::Ed25519Verifier verifier;
    ASHLAR_TRY(auto client, chain::LightClient::from_genesis(genesis_));
    while (client.trust().epoch < checked.finalized.header.epoch) {
        ASHLAR_TRY(auto change, ask_epoch(from, client.trust().epoch));
        ASHLAR_CHECK(client.follow(change, verifier));
        checked.epochs.push_back(std::move(change.last));
    }
    ASHLAR_CHECK(client.advance(checked.finalized, verifier));
    return checked;
}

Expected<chain::EpochChange> SnapshotFetcher::ask_epoch(const PublicKey& from,
                                                        ledger::Epoch epoch) {
    const auto request =
        ask(from, [epoch](codec::PeerRequestId id) { return codec::EpochRequest{id, epoch}; });
    ASHLAR_TRY(auto answer,
               exchange_.requests().wait(
                   request, steady_clock::now() + milliseconds(options_.answer_ms_max)));
    auto* made = std::get_if<codec::EpochAnswer>(&answer);
    if (made == nullptr) {
        return fail(ErrorCode::unavailable, "the validator cannot show how epoch " +
                                                std::to_string(epoch.value) + " ended");
    }
    chain::EpochChange change;
    ASHLAR_TRY(change.last, codec::decode_finalized_header(made->last));
    change.next_validators = std::move(made->next_validators);
    return change;
}

Expected<void> SnapshotFetcher::fetch_from(const Offer& offer, const Progress& progress) {
    ASHLAR_TRY(const auto writer, chain::SnapshotWriter::start(rows_, genesis_, offer.finalized));
    for (const chain::FinalizedHeader& last : offer.epochs) ASHLAR_CHECK(writer->keep_header(last));
    ASHLAR_CHECK(fetch_rows(offer, *writer));
    ASHLAR_CHECK(writer->check());
    progress("the records are those of the certified state; fetching packs");
    ASHLAR_CHECK(fetch_repositories(offer, progress));
    return writer->finish();
}

Expected<codec::RowsAnswer> SnapshotFetcher::ask_rows(const Offer& offer, const Bytes& from,
                                                      std::uint64_t value_offset) {
    const auto request = ask(offer.from, [&](codec::PeerRequestId id) {
        return codec::RowsRequest{id, offer.snapshot, from, value_offset};
    });
    ASHLAR_TRY(auto answer,
               exchange_.requests().wait(
                   request, steady_clock::now() + milliseconds(options_.answer_ms_max)));
    if (auto* rows = std::get_if<codec::RowsAnswer>(&answer)) return std::move(*rows);
    return fail(ErrorCode::unavailable, "the validator no longer has the state that it offered");
}

Expected<void> SnapshotFetcher::fetch_rows(const Offer& offer, chain::SnapshotWriter& writer) {
    Bytes from;
    Bytes begun;  // of the value of `from`, where that came in parts
    while (true) {
        ASHLAR_TRY(auto answer, ask_rows(offer, from, begun.size()));
        if (answer.rows.empty()) break;
        for (std::size_t i = 0; i < answer.rows.size(); ++i) {
            codec::Row& row = answer.rows[i];
            if (!begun.empty() && row.key != from) {
                return fail(ErrorCode::invalid, "a row of the snapshot goes on as another");
            }
            append(begun, row.value);
            if (begun.size() > ledger::kBlockBytesMax + ledger::kTransactionBytesMax) {
                return fail(ErrorCode::limit_exceeded, "a row of the snapshot has no end");
            }
            from = std::move(row.key);
            if (answer.cut && i + 1 == answer.rows.size()) {
                if (row.value.empty()) {
                    return fail(ErrorCode::invalid, "a row of the snapshot does not go on");
                }
                break;
            }
            ASHLAR_CHECK(writer.add(from, std::exchange(begun, {})));
            from.push_back(0);  // the first key behind it
        }
    }
    if (begun.empty()) return {};
    return fail(ErrorCode::invalid, "the snapshot ends within a row");
}

Expected<void> SnapshotFetcher::fetch_repositories(const Offer& offer, const Progress& progress) {
    const chain::StateReader state(not_owned(rows_));
    chain::Page page;
    const auto keep_all = [](const forge::Repository&) { return true; };
    std::size_t done = 0;
    while (true) {
        ASHLAR_TRY(const auto repositories, state.repositories(page, keep_all));
        if (repositories.empty()) return {};
        for (const forge::Repository& repository : repositories) {
            ASHLAR_TRY(const auto packs, state.packs(repository.id));
            ASHLAR_CHECK(fetch_packs(offer, packs));
            ASHLAR_CHECK(check_repository(repository, packs));
            if (++done % 1'000 == 0) progress(std::to_string(done) + " repositories are here");
        }
        page.after = repositories.back().id.value;
    }
}

SnapshotFetcher::PackArrival SnapshotFetcher::want_pack(const Offer& offer,
                                                        const git::PackDigest& pack) {
    auto promise = std::make_shared<std::promise<Expected<void>>>();
    PackArrival arrival{pack, std::make_shared<const int>(0), promise->get_future()};
    exchange_.fetcher().want(
        {pack, offer.from,
         [asker = std::weak_ptr<const int>(arrival.wanted)] { return !asker.expired(); },
         [promise](const Expected<void>& result) { promise->set_value(result); }, 0});
    return arrival;
}

// Some at once: most are small, and the way there and back is what takes the time.
Expected<void> SnapshotFetcher::fetch_packs(const Offer& offer,
                                            const std::vector<chain::RepositoryPack>& packs) {
    std::deque<PackArrival> arrivals;
    std::size_t next = 0;
    while (next < packs.size() || !arrivals.empty()) {
        while (next < packs.size() && arrivals.size() < options_.packs_ahead) {
            arrivals.push_back(want_pack(offer, packs[next++].pack.digest));
        }
        const PackArrival& first = arrivals.front();
        if (first.arrived.wait_for(milliseconds(options_.pack_ms_max)) !=
            std::future_status::ready) {
            return fail(ErrorCode::unavailable,
                        "pack " + first.pack.hex() + " did not come in time");
        }
        ASHLAR_CHECK(arrivals.front().arrived.get());
        arrivals.pop_front();
    }
    return {};
}

// That all that the refs reach is here: the packs together hold what each of them names, and what
// the refs point to.
Expected<void> SnapshotFetcher::check_repository(const forge::Repository& repository,
                                                 const std::vector<chain::RepositoryPack>& packs) {
    const auto lacks = [&repository](const git::ObjectId& id) {
        return fail(
            ErrorCode::invalid,
            "the packs of repository " + std::to_string(repository.id.value) + " lack " + id.hex());
    };
    std::vector<std::shared_ptr<const git::StoredPack>> stored;
    for (const chain::RepositoryPack& pack : packs) {
        ASHLAR_TRY(auto opened, exchange_.checked_packs().open(pack.pack.digest));
        stored.push_back(std::move(opened));
    }
    ASHLAR_TRY(const auto catalog, git::PackCatalog::open(std::move(stored)));
    git::PackedObjects objects(catalog);
    for (const chain::RepositoryPack& pack : packs) {
        ASHLAR_TRY(const auto known, exchange_.checked_packs().known(pack.pack.digest));
        if (known->reference != pack.pack) {
            return fail(ErrorCode::invalid,
                        "pack " + pack.pack.digest.hex() + " is not as its row describes it");
        }
        for (const git::ObjectReference& reference : known->findings.boundary) {
            ASHLAR_TRY(const bool there, holds(*catalog, objects, reference));
            if (!there) return lacks(reference.id);
        }
    }
    Expected<void> checked;
    const chain::StateRefSource refs(not_owned(rows_), repository);
    ASHLAR_CHECK(refs.scan("", [&](const git::Ref& ref) {
        const auto there = catalog->contains(ref.id);
        if (!there) checked = Unexpected(there.error());
        if (there && !*there) checked = lacks(ref.id);
        return checked.has_value();
    }));
    return checked;
}

}  // namespace ashlar::validator
