#include "native/validator/network_orderer.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "native/storage/posix_file_system.h"
#include "native/validator/peer_transport.h"

namespace ashlar::validator {
namespace {

struct OpenedJournal {
    std::unique_ptr<VoteJournal> journal;
    bool lost = false;
};

Expected<bool> is_marked_lost(storage::FileSystem& files) {
    const auto marker = files.open(std::string(kJournalLostFile), storage::FileAccess::by_reading);
    if (marker) return true;
    if (marker.error().code == ErrorCode::not_found) return false;
    return Unexpected(marker.error());
}

Expected<void> mark_lost(storage::FileSystem& files) {
    ASHLAR_TRY(auto marker, files.create(std::string(kJournalLostFile)));
    ASHLAR_CHECK(marker->sync());
    return files.sync_folder(".");
}

// That a journal was lost is noted before there is a new one: a start that finds the new one must
// not take it for all that this validator ever said.
Expected<OpenedJournal> open_journal(storage::FileSystem& files, const ledger::ChainId& chain) {
    OpenedJournal opened;
    ASHLAR_TRY(opened.lost, is_marked_lost(files));
    auto journal = VoteJournal::open(files, std::string(kJournalFolder), chain);
    if (journal) {
        opened.journal = std::move(*journal);
        return opened;
    }
    // A folder that does not exist, or a journal that was never finished.
    if (journal.error().code != ErrorCode::not_found) return Unexpected(journal.error());
    if (!opened.lost) {
        ASHLAR_CHECK(mark_lost(files));
        opened.lost = true;
    }
    ASHLAR_TRY(opened.journal, VoteJournal::create(files, std::string(kJournalFolder), chain));
    return opened;
}

// "host:port", with an IPv6 address in brackets.
std::optional<peer::PeerAddress> address_of(const forge::Validator& validator) {
    const std::size_t colon = validator.address.rfind(':');
    if (colon == std::string::npos) return std::nullopt;
    std::string_view host = std::string_view(validator.address).substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    const char* end = validator.address.data() + validator.address.size();
    peer::PeerAddress address{validator.key, std::string(host), 0};
    const auto read = std::from_chars(validator.address.data() + colon + 1, end, address.port);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return address;
}

class NetworkOrderer final : public node::WatchedOrderer {
  public:
    static Expected<std::unique_ptr<node::WatchedOrderer>> start(node::Node& node,
                                                                 node::OrdererParts parts,
                                                                 const NetworkOptions& options,
                                                                 node::RandomSource& random,
                                                                 const PackGateFactory& make_gate);
    ~NetworkOrderer() override;
    NetworkOrderer(const NetworkOrderer&) = delete;
    NetworkOrderer& operator=(const NetworkOrderer&) = delete;

    void submit(forge::SignedTransaction transaction, Completion completion) override {
        orderer_->submit(std::move(transaction), std::move(completion));
    }
    [[nodiscard]] std::unique_ptr<Subscription> subscribe(Observer observer) override {
        return orderer_->subscribe(std::move(observer));
    }
    node::ConsensusStatus status() const override;
    std::vector<consensus::Evidence> evidence() const override { return orderer_->evidence(); }

  private:
    explicit NetworkOrderer(const NetworkOptions& options)
        : configured_(options.peers.peers), followers_(options.followers), files_(options.folder) {}

    ConsensusOrderer::Parts orderer_parts(node::OrdererParts parts, OpenedJournal opened);
    void forget_loss();
    void connection_changed();

    const std::vector<peer::PeerAddress> configured_;
    const std::set<crypto::PublicKey> followers_;
    storage::PosixFileSystem files_;
    PeerTransport transport_;
    std::mutex starting_;
    std::set<crypto::PublicKey> connected_;  // of the network's thread
    std::unique_ptr<PackGate> gate_;
    std::unique_ptr<ConsensusOrderer> orderer_;
    std::unique_ptr<peer::PeerNetwork> network_;
};

Expected<std::unique_ptr<node::WatchedOrderer>> NetworkOrderer::start(
    node::Node& node, node::OrdererParts parts, const NetworkOptions& options,
    node::RandomSource& random, const PackGateFactory& make_gate) {
    std::unique_ptr<NetworkOrderer> made(new NetworkOrderer(options));
    NetworkOrderer* raw = made.get();
    ASHLAR_TRY(auto journal, open_journal(raw->files_, parts.chain));
    if (journal.lost) {
        std::fprintf(stderr,
                     "ashlar: the journal of votes was lost; this validator follows, and votes "
                     "again where it cannot have voted before\n");
    }
    ASHLAR_TRY(raw->gate_, make_gate(node, raw->transport_));
    peer::PeerOptions peers = options.peers;
    peers.chain = parts.chain;
    ASHLAR_TRY(const auto validators, node.state()->validators());
    peers.peers = permitted_peers(raw->configured_, raw->followers_, validators);
    const crypto::SigningKey key = parts.key;
    ASHLAR_TRY(raw->orderer_,
               ConsensusOrderer::start(raw->orderer_parts(std::move(parts), std::move(journal)),
                                       options.consensus));
    // Nobody is heard before there is somebody to answer with.
    const std::lock_guard starting(raw->starting_);
    peer::PeerHandlers handlers;
    handlers.message = [raw](const crypto::PublicKey& from, peer::Channel channel, Bytes message) {
        if (channel == peer::Channel::sync) {
            raw->gate_->on_message(from, std::move(message));
        } else {
            raw->orderer_->on_message(from, std::move(message));
        }
    };
    handlers.connected = [raw](const crypto::PublicKey& peer) {
        raw->connected_.insert(peer);
        raw->connection_changed();
    };
    handlers.disconnected = [raw](const crypto::PublicKey& peer, const std::string&) {
        raw->connected_.erase(peer);
        raw->connection_changed();
    };
    const auto fill = [&random](std::span<Byte> into) { random.fill(into); };
    ASHLAR_TRY(raw->network_, peer::PeerNetwork::start(peers, key, fill, std::move(handlers)));
    raw->transport_.use(raw->network_.get());
    return std::unique_ptr<node::WatchedOrderer>(std::move(made));
}

// What sends goes first, then who may still call, then what is called.
NetworkOrderer::~NetworkOrderer() {
    if (orderer_) orderer_->stop();
    if (gate_) gate_->stop();
    transport_.use(nullptr);
    network_.reset();
}

ConsensusOrderer::Parts NetworkOrderer::orderer_parts(node::OrdererParts parts,
                                                      OpenedJournal opened) {
    return {parts.rows,
            parts.chain,
            std::move(parts.key),
            parts.clock,
            std::move(opened.journal),
            opened.lost,
            *gate_,
            transport_,
            std::move(parts.on_finalized),
            std::move(parts.on_failure),
            [this] { forget_loss(); },
            [this](const forge::ValidatorSet& validators) {
                transport_.set_peers(permitted_peers(configured_, followers_, validators));
            }};
}

// Where this fails, the next start is as careful as this one was.
void NetworkOrderer::forget_loss() {
    const auto removed = files_.remove(std::string(kJournalLostFile));
    if (removed) static_cast<void>(files_.sync_folder("."));
}

void NetworkOrderer::connection_changed() {
    const std::lock_guard started(starting_);
    const std::vector<crypto::PublicKey> connected(connected_.begin(), connected_.end());
    gate_->peers_changed(connected);
    orderer_->peers_changed(connected);
}

node::ConsensusStatus NetworkOrderer::status() const {
    node::ConsensusStatus status = orderer_->status();
    for (peer::PeerStatus& peer : network_->status()) {
        status.peers.push_back({peer.key, std::move(peer.address), peer.connected, peer.sent_bytes,
                                peer.received_bytes, peer.dropped_messages});
    }
    return status;
}

}  // namespace

std::vector<peer::PeerAddress> permitted_peers(const std::vector<peer::PeerAddress>& configured,
                                               const std::set<crypto::PublicKey>& followers,
                                               const forge::ValidatorSet& validators) {
    std::vector<peer::PeerAddress> peers;
    std::set<crypto::PublicKey> keys;
    for (const forge::Validator& validator : validators.validators) keys.insert(validator.key);
    for (const peer::PeerAddress& peer : configured) {
        if (keys.contains(peer.key) || followers.contains(peer.key)) peers.push_back(peer);
        keys.erase(peer.key);
    }
    for (const forge::Validator& validator : validators.validators) {
        if (!keys.contains(validator.key)) continue;
        if (auto address = address_of(validator)) peers.push_back(std::move(*address));
    }
    return peers;
}

node::OrdererFactory network_orderer_factory(NetworkOptions options,
                                             std::shared_ptr<node::RandomSource> random,
                                             PackGateFactory make_gate) {
    return [options = std::move(options), random = std::move(random),
            make_gate = std::move(make_gate)](node::Node& node, node::OrdererParts parts) {
        return NetworkOrderer::start(node, std::move(parts), options, *random, make_gate);
    };
}

Expected<void> distrust_journal(const std::filesystem::path& folder) {
    std::error_code ignored;
    if (!std::filesystem::exists(folder / kJournalFolder, ignored)) return {};
    storage::PosixFileSystem files(folder);
    ASHLAR_TRY(const bool marked, is_marked_lost(files));
    return marked ? Expected<void>() : mark_lost(files);
}

Expected<void> create_journal(const std::filesystem::path& folder, const ledger::ChainId& chain) {
    storage::PosixFileSystem files(folder);
    const auto made = VoteJournal::create(files, std::string(kJournalFolder), chain);
    if (made || made.error().code == ErrorCode::already_exists) return {};
    return Unexpected(made.error());
}

}  // namespace ashlar::validator
