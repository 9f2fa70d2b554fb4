#include "native/validator/pack_fetcher.h"

#include <algorithm>
#include <utility>

#include "native/validator/pack_download.h"

namespace ashlar::validator {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// For a pack that is being sent unasked, by who has it and by anybody else.
constexpr milliseconds kArrivalPatience{10'000};
constexpr milliseconds kClaimedArrivalPatience{1'000};

bool never_comes(const Error& error) {
    // A base that is nowhere: what is stored under a name is whole.
    return error.code == ErrorCode::invalid || error.code == ErrorCode::limit_exceeded ||
           error.code == ErrorCode::not_found;
}

bool is_needed(const std::vector<PackFetcher::Want>& wants) {
    return std::any_of(wants.begin(), wants.end(),
                       [](const PackFetcher::Want& want) { return !want.is_wanted; });
}

bool somebody_waits(const std::vector<PackFetcher::Want>& wants) {
    return std::any_of(wants.begin(), wants.end(), [](const PackFetcher::Want& want) {
        return !want.is_wanted || want.is_wanted();
    });
}

}  // namespace

PackFetcher::PackFetcher(CheckedPacks& checked_packs, Transport& transport, RequestTable& requests,
                         const FetchOptions& options, OnLost on_lost)
    : checked_packs_(checked_packs),
      transport_(transport),
      requests_(requests),
      options_(options),
      on_lost_(std::move(on_lost)) {
    for (std::size_t i = 0; i < options_.threads; ++i) threads_.emplace_back([this] { run(); });
}

PackFetcher::~PackFetcher() {
    stop();
}

void PackFetcher::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    requests_.stop();
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

bool PackFetcher::has_room_for(const Want& want) const {
    if (!want.is_wanted || entries_.contains(want.pack)) return true;
    const auto count = counts_.find(want.holder);
    return count == counts_.end() || count->second < options_.wanted_per_holder_max;
}

PackFetcher::Entries::iterator PackFetcher::erase(Entries::iterator entry) {
    if (const auto& holder = entry->second.counts_for) {
        const auto count = counts_.find(*holder);
        if (--count->second == 0) counts_.erase(count);
    }
    return entries_.erase(entry);
}

void PackFetcher::want(Want want) {
    std::unique_lock lock(mutex_);
    const git::PackDigest pack = want.pack;
    if (!has_room_for(want)) {
        lock.unlock();
        return want.done(
            fail(ErrorCode::unavailable, "too many packs are wanted of one validator (" +
                                             std::to_string(options_.wanted_per_holder_max) +
                                             "); ask again when some have come"));
    }
    const bool is_new = !entries_.contains(pack);
    Entry& entry = entries_[pack];
    if (is_new && want.is_wanted) {
        entry.counts_for = want.holder;
        ++counts_[want.holder];
    }
    const Time due = steady_clock::now() + milliseconds(want.delay_ms);
    if (entry.wants.empty() || due < entry.due) entry.due = due;
    entry.wants.push_back(std::move(want));
    lock.unlock();
    wake_.notify_one();
    // It may have been stored since the caller looked.
    const auto held = checked_packs_.hold(pack);
    if (held && *held) finish(pack, {});
}

void PackFetcher::arrival_begins(const git::PackDigest& pack, const PublicKey& from) {
    const std::lock_guard lock(mutex_);
    arriving_[pack].insert(from);
}

void PackFetcher::arrival_ended(const git::PackDigest& pack, const PublicKey& from) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = arriving_.find(pack);
        if (found == arriving_.end()) return;
        const auto sender = found->second.find(from);
        if (sender != found->second.end()) found->second.erase(sender);
        if (found->second.empty()) arriving_.erase(found);
        const auto entry = entries_.find(pack);
        if (entry != entries_.end()) entry->second.due = steady_clock::now();
    }
    wake_.notify_one();
}

void PackFetcher::unnamed_begins(const PublicKey& from) {
    const std::lock_guard lock(mutex_);
    unnamed_.insert(from);
}

void PackFetcher::unnamed_ended(const PublicKey& from) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = unnamed_.find(from);
        if (found != unnamed_.end()) unnamed_.erase(found);
        const Time now = steady_clock::now();
        for (auto& [pack, entry] : entries_) {
            if (entry.has_waited_unnamed && !entry.has_waited) entry.due = std::min(entry.due, now);
        }
    }
    wake_.notify_one();
}

void PackFetcher::finish(const git::PackDigest& pack, const Expected<void>& result) {
    std::vector<Want> wants;
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(pack);
        if (found == entries_.end() || stopping_) return;
        wants = std::move(found->second.wants);
        erase(found);
    }
    for (const Want& want : wants) want.done(result);
}

void PackFetcher::peers_changed(std::vector<PublicKey> connected) {
    requests_.peers_changed(connected);
    {
        const std::lock_guard lock(mutex_);
        peers_ = std::move(connected);
        const Time now = steady_clock::now();
        for (auto& [pack, entry] : entries_) {
            entry.retry_ms = 0;
            if (entry.absent_rounds > 0) entry.due = std::min(entry.due, now);
            entry.absent_rounds = 0;
        }
    }
    wake_.notify_all();
}

void PackFetcher::run() {
    while (auto round = next_round()) {
        const auto result = fetch(*round);
        end_round(*round, result);
    }
}

void PackFetcher::drop_unwanted() {
    for (auto item = entries_.begin(); item != entries_.end();) {
        Entry& entry = item->second;
        std::erase_if(entry.wants,
                      [](const Want& want) { return want.is_wanted && !want.is_wanted(); });
        item = entry.wants.empty() && !entry.running ? erase(item) : std::next(item);
    }
}

void PackFetcher::wait_for_arrivals(Time now) {
    for (auto& [pack, entry] : entries_) {
        if (entry.due > now) continue;
        const auto arriving = arriving_.find(pack);
        if (arriving != arriving_.end()) {
            wait_for(entry, entry.has_waited, arriving->second, now);
        } else {
            wait_for(entry, entry.has_waited_unnamed, unnamed_, now);
        }
    }
}

void PackFetcher::wait_for(Entry& entry, bool& has_waited, const std::multiset<PublicKey>& senders,
                           Time now) {
    if (senders.empty() || std::exchange(has_waited, true)) return;
    const bool from_holder = std::any_of(
        entry.wants.begin(), entry.wants.end(),
        [&senders](const Want& want) { return want.holder && senders.contains(*want.holder); });
    entry.due = now + (from_holder ? kArrivalPatience : kClaimedArrivalPatience);
}

// Asks not always the same one, but first of all who is said to have it.
PackFetcher::Round PackFetcher::begin_round(const git::PackDigest& pack, Entry& entry) {
    entry.running = true;
    Round round{pack, peers_, std::nullopt, 0};
    if (!is_needed(entry.wants)) {
        round.counts_for = entry.counts_for.value_or(std::nullopt);
        rounds_.insert(*round.counts_for);
    }
    const auto first = static_cast<std::ptrdiff_t>(entry.turn++ % round.peers.size());
    std::rotate(round.peers.begin(), round.peers.begin() + first, round.peers.end());
    for (const Want& want : entry.wants) {
        if (!want.holder) continue;
        std::stable_partition(round.peers.begin(), round.peers.end(),
                              [&want](const PublicKey& peer) { return peer == *want.holder; });
    }
    return round;
}

bool PackFetcher::is_wanted(const git::PackDigest& pack) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(pack);
    return found != entries_.end() && somebody_waits(found->second.wants);
}

bool PackFetcher::may_begin(const Entry& entry) const {
    if (is_needed(entry.wants)) return true;
    const std::size_t others_max = std::max<std::size_t>(options_.threads, 2) - 1;
    return rounds_.size() < others_max &&
           rounds_.count(entry.counts_for.value_or(std::nullopt)) < options_.rounds_per_holder_max;
}

Expected<void> PackFetcher::check_progress(const git::PackDigest& pack, Time begun,
                                           std::uint64_t received) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(pack);
    if (found == entries_.end() || stopping_ || !somebody_waits(found->second.wants)) {
        return fail(ErrorCode::unavailable, "nobody needs pack " + pack.hex() + " any more");
    }
    if (is_needed(found->second.wants)) return {};
    const milliseconds allowed(options_.grace_ms + received / options_.bytes_per_ms_min);
    if (steady_clock::now() - begun <= allowed) return {};
    return fail(ErrorCode::unavailable, "pack " + pack.hex() +
                                            " comes too slowly: " + std::to_string(received) +
                                            " bytes in " + std::to_string(allowed.count()) + " ms");
}

// What always is wanted comes first, then what has been due for longest; nothing when it is time to
// stop.
std::optional<PackFetcher::Round> PackFetcher::next_round() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const Time now = steady_clock::now();
        drop_unwanted();
        wait_for_arrivals(now);
        auto best = entries_.end();
        const auto rank = [now](const Entry& entry) {
            const bool first = entry.due <= now && is_needed(entry.wants);
            return std::pair(first ? 0 : 1, entry.due);
        };
        for (auto item = entries_.begin(); item != entries_.end(); ++item) {
            if (item->second.running || peers_.empty() || !may_begin(item->second)) continue;
            if (best == entries_.end() || rank(item->second) < rank(best->second)) best = item;
        }
        if (best == entries_.end()) {
            wake_.wait(lock);
        } else if (best->second.due > now) {
            wake_.wait_until(lock, best->second.due);
        } else {
            return begin_round(best->first, best->second);
        }
    }
    return std::nullopt;
}

void PackFetcher::end_round(const Round& round, const Expected<void>& result) {
    if (round.counts_for) {
        const std::lock_guard lock(mutex_);
        rounds_.erase(rounds_.find(*round.counts_for));
    }
    if (result || never_comes(result.error())) return finish(round.pack, result);
    bool lost = false;
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(round.pack);
        if (found == entries_.end()) return;
        Entry& entry = found->second;
        entry.running = false;
        entry.retry_ms =
            std::clamp(2 * entry.retry_ms, options_.retry_ms_min, options_.retry_ms_max);
        entry.due = steady_clock::now() + milliseconds(entry.retry_ms);
        const bool absent = round.absent == round.peers.size();
        entry.absent_rounds = absent ? entry.absent_rounds + 1 : 0;
        lost = is_needed(entry.wants) && entry.absent_rounds >= options_.lost_rounds && !stopping_;
    }
    wake_.notify_one();
    if (lost && on_lost_) on_lost_(round.pack, round.peers.size());
}

Expected<void> PackFetcher::fetch(Round& round) {
    ASHLAR_TRY(const auto held, checked_packs_.hold(round.pack));
    if (held) return {};
    ASHLAR_TRY(const auto manifest, fetch_manifest(round));
    const auto ask_extent = [this, &round](const PublicKey& peer, std::uint32_t extent) {
        return ask(peer, [&](codec::PeerRequestId request) {
            return codec::PackExtentRequest{request, round.pack, extent};
        });
    };
    const auto may_go_on = [this, &round, begun = steady_clock::now()](std::uint64_t received) {
        return check_progress(round.pack, begun, received);
    };
    PackDownload download(
        checked_packs_, requests_, manifest, round.peers, ask_extent, may_go_on,
        {options_.window, options_.answer_ms_max, options_.grace_ms, options_.bytes_per_ms_min});
    ASHLAR_TRY(const auto known, download.run());
    if (known->reference.digest == round.pack) return {};
    // Its extents are those of the manifest, so the pack is one that changes when it is received.
    return fail(ErrorCode::invalid, "pack " + round.pack.hex() + " is stored under another name");
}

codec::PeerRequestId PackFetcher::ask(
    const PublicKey& peer, const std::function<codec::PeerMessage(codec::PeerRequestId)>& make) {
    const codec::PeerRequestId request = requests_.open(peer);
    transport_.send(peer, peer::Channel::sync,
                    std::make_shared<const Bytes>(codec::encode(make(request))));
    return request;
}

// Of the first peer that has it; those that do not are asked no more.
Expected<codec::PackManifestAnswer> PackFetcher::fetch_manifest(Round& round) {
    std::vector<PublicKey> may_have = round.peers;
    while (!may_have.empty()) {
        const PublicKey peer = may_have.front();
        const auto request = ask(peer, [&round](codec::PeerRequestId id) {
            return codec::PackManifestRequest{id, round.pack};
        });
        auto answer =
            requests_.wait(request, steady_clock::now() + milliseconds(options_.answer_ms_max));
        if (answer && std::holds_alternative<codec::NotHere>(*answer)) ++round.absent;
        const auto* manifest = answer ? std::get_if<codec::PackManifestAnswer>(&*answer) : nullptr;
        if (manifest != nullptr && is_manifest_of(*manifest, round.pack)) {
            if (manifest->size > checked_packs_.limits().pack_bytes_max) {
                return fail(ErrorCode::limit_exceeded, "pack " + round.pack.hex() + " has " +
                                                           std::to_string(manifest->size) +
                                                           " bytes");
            }
            round.peers = may_have;
            return *manifest;
        }
        may_have.erase(may_have.begin());
        const std::lock_guard lock(mutex_);
        if (stopping_) break;
    }
    return fail(ErrorCode::unavailable, "no validator has sent pack " + round.pack.hex());
}

}  // namespace ashlar::validator
