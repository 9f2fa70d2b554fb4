// Packs among validators, put together: what a push brings here goes to the others, what they bring
// comes here, and what a block names is here before it is voted for.
//
//   SpreadSender      sends what is pushed here, while it arrives
//   SpreadReceiver    takes what is pushed elsewhere
//   PackFetcher       asks for what is missing, by name
//   PackServer        answers those who ask
//   PackChecker       judges what transactions say about packs
//
// Messages are decoded on a thread of this, in their order; all that may take long runs on others.
// Neither the network's nor the consensus' thread ever waits here, or reads the disk.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "native/node/node.h"
#include "native/validator/checked_packs.h"
#include "native/validator/pack_checker.h"
#include "native/validator/pack_fetcher.h"
#include "native/validator/pack_gate.h"
#include "native/validator/pack_server.h"
#include "native/validator/spread_receiver.h"
#include "native/validator/spread_sender.h"

namespace ashlar::validator {

// Longer than any transaction lives: how long packs stay that belong to nothing, among several
// validators (node::NodeOptions::unattached_ms).
inline constexpr std::uint64_t kUnattachedMs = 20 * 60 * 1000;

struct PackExchangeOptions {
    FetchOptions fetch;
    ServeOptions serve;
    SpreadOptions spread;
    SpreadLimits receive;
    CheckOptions check;
    git::PackLimits pack_limits;
    // So often it is looked what has grown old.
    std::uint32_t tick_ms = 10'000;
    // Messages of one peer that wait to be decoded; more are dropped.
    std::size_t inbox_bytes_max = std::size_t{16} << 20;
};

// What it stands on; all of it outlives the exchange.
struct PackExchangeParts {
    git::PackStore& packs;
    Transport& transport;
    CheckedPacks::Hold hold;
    PackChecker::OpenPacks open_packs;
    PackServer::State state;
    PackFetcher::OnLost on_lost;     // may be absent
    MemoryBudget* memory = nullptr;  // that all who receive packs share; may be absent
};

class PackExchange final : public PackGate {
  public:
    PackExchange(PackExchangeParts parts, const PackExchangeOptions& options);
    ~PackExchange() override;
    PackExchange(const PackExchange&) = delete;
    PackExchange& operator=(const PackExchange&) = delete;

    void check(PackQuestion question, Answer answer) override;
    void want(std::vector<forge::PackReference> packs, std::optional<PublicKey> holder,
              Stored stored) override;
    void keep(std::vector<forge::PackReference> packs, Stored stored) override;
    void on_message(const PublicKey& from, Bytes message) override;
    void peers_changed(std::vector<PublicKey> connected) override;
    void stop() override;

    node::PackSpreader& spreader() { return sender_; }
    PackFetcher& fetcher() { return fetcher_; }
    CheckedPacks& checked_packs() { return checked_packs_; }
    RequestTable& requests() { return requests_; }
    std::vector<PublicKey> peers() const;

  private:
    struct Item {
        PublicKey from;
        std::optional<Bytes> message;
        std::function<void()> question;  // of this validator itself, instead of a message
    };
    void run();
    // Nothing where it is time to stop; an empty item where it is time to tick, however much waits.
    std::optional<Item> next_item(bool ticking);
    void post(std::function<void()> question);
    bool tick();
    void take(const PublicKey& from, ByteView message);
    std::unique_ptr<git::ObjectSource> bases_of(forge::RepositoryId repository) const;

    const PackExchangeParts parts_;
    const PackExchangeOptions options_;
    CheckedPacks checked_packs_;
    RequestTable requests_;
    PackServer server_;
    PackFetcher fetcher_;
    SpreadSender sender_;
    SpreadReceiver receiver_;
    PackChecker checker_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Item> inbox_;
    std::map<PublicKey, std::size_t> inbox_bytes_;
    std::vector<PublicKey> peers_;
    bool stopping_ = false;
    RequestTable::Time next_tick_;  // of the thread
    std::thread thread_;            // last: it uses the others
};

// The exchange of a node, which also spreads what is pushed to it. The node and the transport
// outlive it.
std::unique_ptr<PackGate> make_pack_exchange(node::Node& node, Transport& transport);

}  // namespace ashlar::validator
