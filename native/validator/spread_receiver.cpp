#include "native/validator/spread_receiver.h"

#include <algorithm>
#include <utility>

#include "git/pack/pack_entry.h"
#include "native/validator/spread_sender.h"

namespace ashlar::validator {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Room is given anew when this much was used up.
constexpr std::uint64_t kCreditStep = kSpreadWindowBytes / 4;

// The name of a pack of one extent.
std::optional<git::PackDigest> name_of(ByteView pack) {
    if (pack.size() < git::kPackHeaderSize || pack.size() > git::kPackExtentSize) {
        return std::nullopt;
    }
    git::PackManifest manifest;
    manifest.size = pack.size();
    manifest.object_count = read_big_endian_32(pack.subspan(git::kPackHeaderSize - 4));
    manifest.extents = {crypto::hash(git::kPackExtentDomain, pack)};
    return manifest.digest();
}

}  // namespace

// Guarded by the receiver's mutex, but for the intake: that is the running job's.
struct SpreadReceiver::Incoming {
    PublicKey from;
    codec::SpreadId id;
    forge::RepositoryId repository;
    std::deque<Bytes> waiting;
    std::uint64_t arrived = 0;
    std::uint64_t received = 0;  // of these, by the intake
    std::uint64_t room = kSpreadWindowBytes;
    std::optional<git::PackDigest> name;
    std::uint64_t size = 0;  // once there is a name
    Time heard_at;
    bool running = false;
    bool dropped = false;
    std::unique_ptr<PackIntake> intake;
};

SpreadReceiver::SpreadReceiver(CheckedPacks& checked_packs, Transport& transport,
                               PackFetcher& fetcher, Bases bases, const SpreadLimits& limits)
    : checked_packs_(checked_packs),
      transport_(transport),
      fetcher_(fetcher),
      bases_(std::move(bases)),
      limits_(limits),
      pool_(limits.threads) {}

void SpreadReceiver::stop() {
    small_pool_.stop();
    pool_.stop();
}

void SpreadReceiver::send(const PublicKey& to, const codec::PeerMessage& message) {
    transport_.send(to, peer::Channel::sync, std::make_shared<const Bytes>(codec::encode(message)));
}

bool SpreadReceiver::has_room(Sender& sender, std::uint64_t bytes) {
    const Time now = steady_clock::now();
    for (auto item = sender.unnamed.begin(); item != sender.unnamed.end();) {
        const bool has_much_room =
            sender.unnamed.size() < limits_.unnamed_count_max / 2 &&
            sender.unnamed_bytes + sender.arriving_bytes + bytes < limits_.unnamed_bytes_max / 2;
        if (has_much_room) break;
        if (now - item->second.since > milliseconds(limits_.unnamed_ms)) {
            sender.unnamed_bytes -= item->second.bytes;
            item = sender.unnamed.erase(item);
        } else {
            ++item;
        }
    }
    return sender.unnamed.size() + sender.small_count < limits_.unnamed_count_max &&
           sender.unnamed_bytes + sender.arriving_bytes + bytes <= limits_.unnamed_bytes_max;
}

void SpreadReceiver::take(const PublicKey& from, codec::SmallPack pack) {
    {
        const std::lock_guard lock(mutex_);
        Sender& sender = senders_[from];
        if (!has_room(sender, pack.bytes.size()) ||
            sender.small_bytes + pack.bytes.size() > limits_.small_bytes_per_peer_max) {
            return;
        }
        sender.small_bytes += pack.bytes.size();
        ++sender.small_count;
    }
    // Before whoever comes next asks for it.
    fetcher_.arrival_begins(pack.pack, from);
    small_pool_.submit([this, from, pack = std::move(pack)] {
        receive_small(from, pack);
        fetcher_.arrival_ended(pack.pack, from);
        const std::lock_guard lock(mutex_);
        senders_[from].small_bytes -= pack.bytes.size();
        --senders_[from].small_count;
    });
}

void SpreadReceiver::receive_small(const PublicKey& from, const codec::SmallPack& pack) {
    const auto held = checked_packs_.hold(pack.pack);
    if (held && *held) return fetcher_.stored(pack.pack);
    if (name_of(pack.bytes) != pack.pack) {
        return transport_.refuse(from, "sent a pack under another's name");
    }
    PackIntake intake(checked_packs_, nullptr);
    if (!intake.write(pack.bytes)) return;
    const auto known = intake.finish();
    if (!known) return;
    count_unnamed(from, (*known)->reference);
    fetcher_.stored((*known)->reference.digest);
}

// Before those who want it are told: what a transaction named before it was here counts for nobody.
void SpreadReceiver::count_unnamed(const PublicKey& from, const forge::PackReference& pack) {
    if (fetcher_.is_wanted(pack.digest)) return;
    const std::lock_guard lock(mutex_);
    Sender& sender = senders_[from];
    if (sender.unnamed.emplace(pack.digest, Unnamed{pack.size, steady_clock::now()}).second) {
        sender.unnamed_bytes += pack.size;
    }
}

void SpreadReceiver::named(const git::PackDigest& pack) {
    const std::lock_guard lock(mutex_);
    for (auto& [key, sender] : senders_) {
        const auto found = sender.unnamed.find(pack);
        if (found == sender.unnamed.end()) continue;
        sender.unnamed_bytes -= found->second.bytes;
        sender.unnamed.erase(found);
    }
}

void SpreadReceiver::take(const PublicKey& from, const codec::SpreadBegin& begin) {
    const std::lock_guard lock(mutex_);
    const Time now = steady_clock::now();
    drop_silent(now);
    const auto count = std::count_if(incoming_.begin(), incoming_.end(),
                                     [&](const auto& item) { return item.first.first == from; });
    const bool refused = static_cast<std::size_t>(count) >= limits_.spreads_per_peer_max ||
                         incoming_.contains({from, begin.spread}) ||
                         !has_room(senders_[from], kSpreadWindowBytes);
    if (refused) return send(from, codec::SpreadRefusal{begin.spread});
    auto incoming = std::make_shared<Incoming>();
    incoming->from = from;
    incoming->id = begin.spread;
    incoming->repository = begin.repository;
    incoming->heard_at = now;
    incoming_[{from, begin.spread}] = std::move(incoming);
    fetcher_.unnamed_begins(from);
}

void SpreadReceiver::take(const PublicKey& from, codec::SpreadBytes bytes) {
    const std::lock_guard lock(mutex_);
    const auto found = incoming_.find({from, bytes.spread});
    if (found == incoming_.end()) return;
    const std::shared_ptr<Incoming> incoming = found->second;
    const std::uint64_t end = bytes.offset + bytes.bytes.size();
    // A piece that was lost on the way is lost for good; more than there is room for is a flood.
    if (bytes.bytes.empty() || bytes.offset != incoming->arrived || end > incoming->room ||
        !has_room(senders_[from], bytes.bytes.size())) {
        drop(*incoming);
        return send(from, codec::SpreadRefusal{bytes.spread});
    }
    incoming->heard_at = steady_clock::now();
    incoming->arrived = end;
    senders_[from].arriving_bytes += bytes.bytes.size();
    incoming->waiting.push_back(std::move(bytes.bytes));
    if (std::exchange(incoming->running, true)) return;
    pool_.submit([this, incoming] { work(incoming); });
}

void SpreadReceiver::take(const PublicKey& from, const codec::SpreadEnd& end) {
    const std::lock_guard lock(mutex_);
    const auto found = incoming_.find({from, end.spread});
    if (found == incoming_.end()) return;
    const std::shared_ptr<Incoming> incoming = found->second;
    if (!end.pack || incoming->name || end.size < incoming->arrived) return drop(*incoming);
    incoming->heard_at = steady_clock::now();
    incoming->name = end.pack;
    incoming->size = end.size;
    fetcher_.arrival_begins(*end.pack, from);
    fetcher_.unnamed_ended(from);
    if (std::exchange(incoming->running, true)) return;
    pool_.submit([this, incoming] { work(incoming); });
}

// It is seen no more; the job that runs, if any, ends soon.
void SpreadReceiver::drop(Incoming& incoming) {
    if (std::exchange(incoming.dropped, true)) return;
    senders_[incoming.from].arriving_bytes -= incoming.arrived;
    incoming.waiting.clear();
    if (incoming.name) {
        fetcher_.arrival_ended(*incoming.name, incoming.from);
    } else {
        fetcher_.unnamed_ended(incoming.from);
    }
    incoming_.erase({incoming.from, incoming.id});
}

bool SpreadReceiver::tick() {
    const std::lock_guard lock(mutex_);
    drop_silent(steady_clock::now());
    return !incoming_.empty();
}

void SpreadReceiver::drop_silent(Time now) {
    std::vector<std::shared_ptr<Incoming>> silent;
    for (const auto& [key, incoming] : incoming_) {
        if (!incoming->running && now - incoming->heard_at > milliseconds(limits_.silence_ms_max)) {
            silent.push_back(incoming);
        }
    }
    for (const auto& incoming : silent) drop(*incoming);
}

void SpreadReceiver::peers_changed(const std::vector<PublicKey>& connected) {
    const std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<Incoming>> gone;
    for (const auto& [key, incoming] : incoming_) {
        const bool stays =
            std::find(connected.begin(), connected.end(), key.first) != connected.end();
        // What has all arrived is good for something yet.
        if (!stays && !(incoming->name && incoming->arrived == incoming->size)) {
            gone.push_back(incoming);
        }
    }
    for (const auto& incoming : gone) drop(*incoming);
}

void SpreadReceiver::work(const std::shared_ptr<Incoming>& incoming) {
    while (work_once(incoming)) {
    }
}

// The next piece, or the end. Whether there may be more to do.
bool SpreadReceiver::work_once(const std::shared_ptr<Incoming>& incoming) {
    Bytes bytes;
    bool ends = false;
    {
        const std::lock_guard lock(mutex_);
        if (incoming->dropped) {
            incoming->intake.reset();
            return false;
        }
        ends = incoming->name && incoming->received == incoming->size;
        if (!ends && incoming->waiting.empty()) {
            incoming->running = false;
            return false;
        }
        if (!ends) {
            bytes = std::move(incoming->waiting.front());
            incoming->waiting.pop_front();
        }
    }
    if (ends) {
        finish(incoming);
        return false;
    }
    if (!incoming->intake) {
        incoming->intake =
            std::make_unique<PackIntake>(checked_packs_, bases_(incoming->repository));
    }
    if (!incoming->intake->write(bytes)) {
        stop_receiving(incoming, true);
        return false;
    }
    const std::lock_guard lock(mutex_);
    incoming->received += bytes.size();
    const std::uint64_t room = incoming->received + kSpreadWindowBytes;
    if (!incoming->dropped && room >= incoming->room + kCreditStep) {
        incoming->room = room;
        send(incoming->from, codec::SpreadCredit{incoming->id, room});
    }
    return true;
}

void SpreadReceiver::stop_receiving(const std::shared_ptr<Incoming>& incoming, bool refuse) {
    incoming->intake.reset();
    const std::lock_guard lock(mutex_);
    if (refuse && !incoming->dropped) send(incoming->from, codec::SpreadRefusal{incoming->id});
    drop(*incoming);
}

void SpreadReceiver::finish(const std::shared_ptr<Incoming>& incoming) {
    if (incoming->intake) {
        const auto known = incoming->intake->finish();
        if (known) {
            count_unnamed(incoming->from, (*known)->reference);
            // Where it was completed otherwise than at its sender it has another name, and the
            // right one is fetched.
            fetcher_.stored((*known)->reference.digest);
        }
    }
    stop_receiving(incoming, false);
}

}  // namespace ashlar::validator
