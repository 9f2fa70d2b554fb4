#include "native/validator/spread_sender.h"

#include <algorithm>
#include <utility>

#include "crypto/sha1.h"
#include "git/pack/pack_entry.h"

namespace ashlar::validator {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How often it is looked whether somebody has stopped reading.
constexpr milliseconds kLookAgain{1'000};
constexpr std::size_t kTrailerSize = sizeof(crypto::Sha1Digest);

}  // namespace

// What is not const is guarded by the sender's mutex, but for the source, which has its own: it is
// read without the other.
struct SpreadSender::Outgoing {
    codec::SpreadId id;
    forge::RepositoryId repository;

    std::mutex source_mutex;
    const git::PackStaging* staging = nullptr;  // until the push has ended
    std::shared_ptr<const git::StoredPack> stored;

    // Rewriting changes the head of a thin pack, and its trailer is kept nowhere.
    Bytes head;
    Bytes tail;
    std::uint64_t arrived = 0;
    std::uint64_t staged = 0;  // of these; without the trailer
    bool begun = false;
    bool ended = false;
    bool given_up = false;
    std::optional<git::PackDigest> name;
    RequestTable::Time named_at;  // once there is a name
    std::map<PublicKey, Follower> followers;

    std::uint64_t size_to_send() const {
        if (ended) return arrived;
        const std::uint64_t sure =
            std::min(staged, arrived - std::min<std::uint64_t>(arrived, kTrailerSize));
        return sure - sure % kSpreadPieceBytes;
    }
};

class SpreadSender::Handle final : public node::PackSpread {
  public:
    Handle(SpreadSender& sender, std::shared_ptr<Outgoing> outgoing)
        : sender_(sender), outgoing_(std::move(outgoing)) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    ~Handle() override {
        {
            const std::lock_guard source(outgoing_->source_mutex);
            outgoing_->staging = nullptr;
        }
        const std::lock_guard lock(sender_.mutex_);
        if (outgoing_->name) return;
        outgoing_->given_up = true;
        for (const auto& [peer, follower] : outgoing_->followers) {
            sender_.send(peer, codec::SpreadEnd{outgoing_->id, std::nullopt, 0});
        }
        sender_.outgoing_.erase(outgoing_->id);
    }

    void arrived(ByteView bytes) override {
        const std::uint64_t staged = outgoing_->staging->size();
        const std::lock_guard lock(sender_.mutex_);
        Outgoing& outgoing = *outgoing_;
        outgoing.arrived += bytes.size();
        outgoing.staged = staged;
        if (outgoing.head.size() < git::kPackHeaderSize) {
            append(outgoing.head, bytes.first(std::min(
                                      bytes.size(), git::kPackHeaderSize - outgoing.head.size())));
        }
        append(outgoing.tail, bytes.last(std::min(bytes.size(), kTrailerSize)));
        if (outgoing.tail.size() > kTrailerSize) {
            outgoing.tail.erase(outgoing.tail.begin(),
                                outgoing.tail.end() - static_cast<std::ptrdiff_t>(kTrailerSize));
        }
        if (!outgoing.begun && outgoing.arrived > kSmallPackBytes) {
            sender_.begin_sending(outgoing_);
        }
        if (!outgoing.followers.empty()) sender_.wake();
    }

    void ended() override {
        const std::uint64_t staged = outgoing_->staging->size();
        {
            // From here on nothing is read until it is stored.
            const std::lock_guard source(outgoing_->source_mutex);
            outgoing_->staging = nullptr;
        }
        const std::lock_guard lock(sender_.mutex_);
        outgoing_->staged = staged;
        outgoing_->ended = staged + kTrailerSize == outgoing_->arrived;
    }

    void stored(const forge::PackReference& pack, const git::ReceivedPack& received) override {
        sender_.checked_packs_.remember(pack, chain::findings_of(received));
        auto opened = sender_.checked_packs_.open(pack.digest);
        if (!opened || !sender_.checked_packs_.hold(pack.digest)) return;
        {
            const std::lock_guard source(outgoing_->source_mutex);
            outgoing_->stored = *opened;
        }
        const bool small = outgoing_->arrived <= kSmallPackBytes && pack.size <= kSmallPackBytes;
        if (small) send_whole(**opened);
        const std::lock_guard lock(sender_.mutex_);
        outgoing_->name = pack.digest;
        outgoing_->named_at = steady_clock::now();
        for (const auto& [peer, follower] : outgoing_->followers) {
            sender_.send(peer, codec::SpreadEnd{outgoing_->id, pack.digest, outgoing_->arrived});
        }
        sender_.wake();
    }

  private:
    void send_whole(const git::StoredPack& pack) {
        codec::SmallPack message{pack.digest, Bytes(static_cast<std::size_t>(pack.manifest.size))};
        if (!pack.body->read(0, message.bytes)) return;
        sender_.transport_.broadcast(
            peer::Channel::sync,
            std::make_shared<const Bytes>(codec::encode(codec::PeerMessage(std::move(message)))));
    }

    SpreadSender& sender_;
    const std::shared_ptr<Outgoing> outgoing_;
};

SpreadSender::SpreadSender(CheckedPacks& checked_packs, Transport& transport,
                           const SpreadOptions& options)
    : checked_packs_(checked_packs), transport_(transport), options_(options) {
    thread_ = std::thread([this] { run(); });
}

SpreadSender::~SpreadSender() {
    stop();
}

void SpreadSender::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void SpreadSender::send(const PublicKey& to, const codec::PeerMessage& message) {
    transport_.send(to, peer::Channel::sync, std::make_shared<const Bytes>(codec::encode(message)));
}

std::unique_ptr<node::PackSpread> SpreadSender::begin(forge::RepositoryId repository,
                                                      const git::PackStaging& staging) {
    auto outgoing = std::make_shared<Outgoing>();
    outgoing->repository = repository;
    outgoing->staging = &staging;
    const std::lock_guard lock(mutex_);
    last_ = last_.next();
    outgoing->id = last_;
    return std::make_unique<Handle>(*this, std::move(outgoing));
}

void SpreadSender::wake() {
    changed_ = true;
    wake_.notify_one();
}

void SpreadSender::begin_sending(const std::shared_ptr<Outgoing>& outgoing) {
    outgoing->begun = true;
    if (stopping_ || outgoing_.size() >= options_.spreads_max || peers_.empty()) return;
    outgoing_[outgoing->id] = outgoing;
    const auto now = steady_clock::now();
    for (const PublicKey& peer : peers_) {
        outgoing->followers[peer].moved_at = now;
        send(peer, codec::SpreadBegin{outgoing->id, outgoing->repository});
    }
}

void SpreadSender::take(const PublicKey& from, const codec::SpreadCredit& credit) {
    const std::lock_guard lock(mutex_);
    const auto found = outgoing_.find(credit.spread);
    if (found == outgoing_.end()) return;
    const auto follower = found->second->followers.find(from);
    if (follower == found->second->followers.end()) return;
    // What gives no room is no sign of life.
    if (credit.up_to <= follower->second.room) return;
    follower->second.room = credit.up_to;
    follower->second.moved_at = steady_clock::now();
    wake();
}

void SpreadSender::take(const PublicKey& from, const codec::SpreadRefusal& refusal) {
    const std::lock_guard lock(mutex_);
    const auto found = outgoing_.find(refusal.spread);
    if (found != outgoing_.end()) found->second->followers.erase(from);
}

void SpreadSender::peers_changed(std::vector<PublicKey> connected) {
    const std::lock_guard lock(mutex_);
    peers_ = std::move(connected);
    for (auto& [id, outgoing] : outgoing_) {
        std::erase_if(outgoing->followers, [this](const auto& follower) {
            return std::find(peers_.begin(), peers_.end(), follower.first) == peers_.end();
        });
    }
}

bool SpreadSender::is_over(const Outgoing& outgoing, RequestTable::Time now) const {
    if (!outgoing.name) return false;
    const milliseconds time_max(options_.patience_ms +
                                outgoing.arrived / options_.bytes_per_ms_min);
    if (now - outgoing.named_at > time_max) return true;
    return std::all_of(outgoing.followers.begin(), outgoing.followers.end(), [&](const auto& item) {
        return item.second.sent == outgoing.arrived ||
               now - item.second.moved_at > milliseconds(options_.patience_ms);
    });
}

void SpreadSender::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        changed_ = false;
        const auto now = steady_clock::now();
        std::erase_if(outgoing_, [&](const auto& item) { return is_over(*item.second, now); });
        // Sending lets go of the mutex, so by a list of its own.
        std::vector<std::shared_ptr<Outgoing>> all;
        for (const auto& [id, outgoing] : outgoing_) all.push_back(outgoing);
        bool sent = false;
        for (const auto& outgoing : all) {
            lock.unlock();
            sent = send_some(*outgoing) || sent;
            lock.lock();
        }
        if (sent) continue;
        // Nothing to do without anything on its way: no look is taken, either.
        const auto is_due = [this] { return stopping_ || changed_; };
        if (outgoing_.empty()) {
            wake_.wait(lock, is_due);
        } else {
            wake_.wait_for(lock, kLookAgain, is_due);
        }
    }
}

// One piece to each follower that has room for it. Whether any was sent.
bool SpreadSender::send_some(Outgoing& outgoing) {
    struct Due {
        PublicKey peer;
        std::uint64_t offset;
        std::size_t size;
    };
    std::vector<Due> due;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [peer, follower] : outgoing.followers) {
            const std::uint64_t end = std::min(outgoing.size_to_send(), follower.room);
            if (follower.sent >= end) continue;
            due.push_back({peer, follower.sent,
                           static_cast<std::size_t>(
                               std::min<std::uint64_t>(kSpreadPieceBytes, end - follower.sent))});
        }
    }
    bool sent = false;
    std::uint64_t made_offset = 0;
    peer::SharedMessage made;  // most followers are at the same place
    for (const Due& one : due) {
        if (!made || made_offset != one.offset) {
            auto bytes = read_piece(outgoing, one.offset, one.size);
            if (!bytes) continue;
            made = std::make_shared<const Bytes>(codec::encode(codec::PeerMessage(
                codec::SpreadBytes{outgoing.id, one.offset, *std::move(bytes)})));
            made_offset = one.offset;
        }
        transport_.send(one.peer, peer::Channel::sync, made);
        const std::lock_guard lock(mutex_);
        const auto follower = outgoing.followers.find(one.peer);
        if (follower != outgoing.followers.end()) {
            follower->second.sent = one.offset + one.size;
            follower->second.moved_at = steady_clock::now();
        }
        sent = true;
    }
    return sent;
}

// Nothing while the bytes are being rewritten, or where the push was given up.
std::optional<Bytes> SpreadSender::read_piece(Outgoing& outgoing, std::uint64_t offset,
                                              std::size_t size) {
    Bytes bytes(size);
    std::uint64_t body_end = 0;
    {
        const std::lock_guard lock(mutex_);
        body_end = outgoing.ended ? outgoing.arrived - kTrailerSize : outgoing.staged;
    }
    const auto in_body = static_cast<std::size_t>(
        std::min<std::uint64_t>(size, body_end - std::min(body_end, offset)));
    {
        const std::lock_guard source(outgoing.source_mutex);
        const RandomAccess* from = outgoing.staging;
        if (outgoing.stored) from = outgoing.stored->body.get();
        if (from == nullptr || !from->read(offset, std::span(bytes).first(in_body))) {
            return std::nullopt;
        }
    }
    const std::lock_guard lock(mutex_);
    for (std::uint64_t at = offset;
         at < std::min<std::uint64_t>(outgoing.head.size(), offset + size); ++at) {
        bytes[static_cast<std::size_t>(at - offset)] = outgoing.head[static_cast<std::size_t>(at)];
    }
    for (std::size_t i = in_body; i < size; ++i) {
        bytes[i] = outgoing.tail[static_cast<std::size_t>(offset + i - body_end)];
    }
    return bytes;
}

}  // namespace ashlar::validator
