#include "native/validator/missing_state.h"

#include <mutex>
#include <set>
#include <utility>

#include "native/validator/network_orderer.h"
#include "native/validator/peer_transport.h"

namespace ashlar::validator {

namespace {

// An exchange that only asks, and the connections it asks over.
class Asking {
  public:
    static Expected<std::unique_ptr<Asking>> start(git::PackStore& packs,
                                                   const peer::PeerOptions& options,
                                                   const crypto::SigningKey& key,
                                                   node::RandomSource& random) {
        std::unique_ptr<Asking> made(new Asking(packs));
        Asking* raw = made.get();
        peer::PeerHandlers handlers;
        handlers.message = [raw](const PublicKey& from, peer::Channel channel, Bytes message) {
            // Agreement is for those who have a state.
            if (channel == peer::Channel::sync) raw->exchange_.on_message(from, std::move(message));
        };
        handlers.connected = [raw](const PublicKey& peer) {
            raw->connected_.insert(peer);
            raw->tell_connected();
        };
        handlers.disconnected = [raw](const PublicKey& peer, const std::string&) {
            raw->connected_.erase(peer);
            raw->tell_connected();
        };
        const auto fill = [&random](std::span<Byte> into) { random.fill(into); };
        ASHLAR_TRY(made->network_,
                   peer::PeerNetwork::start(options, key, fill, std::move(handlers)));
        made->transport_.use(made->network_.get());
        return made;
    }
    ~Asking() {
        exchange_.stop();
        transport_.use(nullptr);
        network_.reset();
    }
    Asking(const Asking&) = delete;
    Asking& operator=(const Asking&) = delete;

    PackExchange& exchange() { return exchange_; }
    Transport& transport() { return transport_; }

  private:
    explicit Asking(git::PackStore& packs)
        : exchange_(PackExchangeParts{
                        packs,
                        transport_,
                        // Nothing sweeps before there is a state.
                        [&packs](const git::PackDigest& digest) -> Expected<CheckedPacks::Held> {
                            ASHLAR_TRY(const bool found, packs.contains(digest));
                            return found ? std::make_shared<const int>(0) : nullptr;
                        },
                        [](const std::vector<chain::RepositoryPack>&)
                            -> Expected<std::shared_ptr<const git::PackCatalog>> {
                            return fail(ErrorCode::unavailable, "there is no state yet");
                        },
                        [] { return nullptr; },
                        {}},
                    PackExchangeOptions{}) {}

    void tell_connected() {
        exchange_.peers_changed(std::vector<PublicKey>(connected_.begin(), connected_.end()));
    }

    PeerTransport transport_;
    std::set<PublicKey> connected_;  // of the network's thread
    PackExchange exchange_;
    std::unique_ptr<peer::PeerNetwork> network_;
};

}  // namespace

Expected<void> fetch_missing_state(KeyValue& rows, git::PackStore& packs,
                                   const node::DataFolder& data, const MissingStateOptions& options,
                                   node::RandomSource& random,
                                   const SnapshotFetcher::Progress& progress) {
    ASHLAR_TRY(const bool needed, needs_snapshot(rows));
    if (!needed) return {};
    ASHLAR_TRY(const bool begun, chain::holds_partial_snapshot(rows));
    if (!begun && options.beginning == Beginning::with_its_network) return {};
    ASHLAR_CHECK(distrust_journal(data.path));
    peer::PeerOptions peers = options.peers;
    peers.chain = chain::chain_id_of(data.genesis);
    ASHLAR_TRY(const auto asking, Asking::start(packs, peers, data.key, random));
    SnapshotFetcher fetcher(rows, asking->exchange(), asking->transport(), data.genesis,
                            options.snapshot);
    ASHLAR_TRY(const auto height, fetcher.run(progress));
    progress(height ? "the state at height " + std::to_string(height->value) + " is here"
                    : "the network has only just begun");
    return {};
}

}  // namespace ashlar::validator
