#include "native/validator/pack_exchange.h"

#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>

#include "chain/voters.h"
#include "git/pack/packed_objects.h"

namespace ashlar::validator {

namespace {

template <typename Message>
constexpr bool kIsAnswer =
    std::is_same_v<Message, codec::PackManifestAnswer> ||
    std::is_same_v<Message, codec::PackExtentAnswer> ||
    std::is_same_v<Message, codec::SnapshotOffer> || std::is_same_v<Message, codec::RowsAnswer> ||
    std::is_same_v<Message, codec::EpochAnswer> || std::is_same_v<Message, codec::NotHere>;

template <typename Message>
constexpr bool kIsRequest =
    std::is_same_v<Message, codec::PackManifestRequest> ||
    std::is_same_v<Message, codec::PackExtentRequest> ||
    std::is_same_v<Message, codec::SnapshotRequest> ||
    std::is_same_v<Message, codec::RowsRequest> || std::is_same_v<Message, codec::EpochRequest>;

template <typename Message>
constexpr bool kIsForSender =
    std::is_same_v<Message, codec::SpreadCredit> || std::is_same_v<Message, codec::SpreadRefusal>;

// A pack of a final block that nobody has any more: it was merged into others while this validator
// was away, and blocks lead no further. Whatever f of them say counts for nothing.
void give_up_when_lost(node::Node& node, const git::PackDigest& pack, std::size_t asked) {
    const auto validators = node.state()->validators();
    if (!validators) return;
    const auto voters = chain::voters_of(*validators);
    if (!voters || asked + 1 < voters->quorum()) return;
    if (!node.give_up_state()) return;
    std::fprintf(stderr,
                 "ashlar: no other validator has pack %s of a final block any more: this one was "
                 "away for too long; the process ends. Start it again, and it fetches the newest "
                 "state from the others.\n",
                 pack.hex().c_str());
    std::_Exit(EXIT_FAILURE);
}

// The exchange of a node, as long as its orderer lives.
class NodeExchange final : public PackGate {
  public:
    NodeExchange(node::Node& node, PackExchangeParts parts, const PackExchangeOptions& options)
        : node_(node), exchange_(std::move(parts), options) {
        node_.set_pack_spreader(&exchange_.spreader());
    }
    ~NodeExchange() override { node_.set_pack_spreader(nullptr); }
    NodeExchange(const NodeExchange&) = delete;
    NodeExchange& operator=(const NodeExchange&) = delete;

    void check(PackQuestion question, Answer answer) override {
        exchange_.check(std::move(question), std::move(answer));
    }
    void want(std::vector<forge::PackReference> packs, std::optional<PublicKey> holder,
              Stored stored) override {
        exchange_.want(std::move(packs), holder, std::move(stored));
    }
    void keep(std::vector<forge::PackReference> packs, Stored stored) override {
        exchange_.keep(std::move(packs), std::move(stored));
    }
    void on_message(const PublicKey& from, Bytes message) override {
        exchange_.on_message(from, std::move(message));
    }
    void peers_changed(std::vector<PublicKey> connected) override {
        exchange_.peers_changed(std::move(connected));
    }
    void stop() override {
        node_.set_pack_spreader(nullptr);
        exchange_.stop();
    }

  private:
    node::Node& node_;
    PackExchange exchange_;
};

}  // namespace

PackExchange::PackExchange(PackExchangeParts parts, const PackExchangeOptions& options)
    : parts_(std::move(parts)),
      options_(options),
      checked_packs_(parts_.packs, parts_.hold, options.pack_limits, parts_.memory),
      server_(checked_packs_, parts_.transport, parts_.state, options.serve),
      fetcher_(checked_packs_, parts_.transport, requests_, options.fetch, parts_.on_lost),
      sender_(checked_packs_, parts_.transport, options.spread),
      receiver_(
          checked_packs_, parts_.transport, fetcher_,
          [this](forge::RepositoryId repository) { return bases_of(repository); }, options.receive),
      checker_(checked_packs_, fetcher_, parts_.open_packs, options.check) {
    thread_ = std::thread([this] { run(); });
}

PackExchange::~PackExchange() {
    stop();
}

void PackExchange::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(stopping_, true)) return;
    }
    wake_.notify_all();
    thread_.join();
    // First those that call others.
    receiver_.stop();
    sender_.stop();
    server_.stop();
    fetcher_.stop();
    checker_.stop();
}

// Looking whether packs are here reads the disk.
void PackExchange::check(PackQuestion question, Answer answer) {
    post([this, question = std::move(question), answer = std::move(answer)]() mutable {
        for (const PackClaim& claim : question.claims) {
            if (claim.action.pack) receiver_.named(claim.action.pack->digest);
        }
        checker_.check(std::move(question), std::move(answer));
    });
}

void PackExchange::want(std::vector<forge::PackReference> packs, std::optional<PublicKey> holder,
                        Stored stored) {
    post([this, packs = std::move(packs), holder, stored = std::move(stored)] {
        for (const forge::PackReference& pack : packs) receiver_.named(pack.digest);
        checker_.want(packs, holder, stored);
    });
}

void PackExchange::keep(std::vector<forge::PackReference> packs, Stored stored) {
    post([this, packs = std::move(packs), stored = std::move(stored)] {
        checker_.keep(packs, stored);
    });
}

void PackExchange::post(std::function<void()> question) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        inbox_.push_back({{}, std::nullopt, std::move(question)});
    }
    wake_.notify_one();
}

void PackExchange::on_message(const PublicKey& from, Bytes message) {
    {
        const std::lock_guard lock(mutex_);
        std::size_t& waiting = inbox_bytes_[from];
        // Even one without a byte costs a place.
        const std::size_t cost = message.size() + sizeof(Bytes);
        if (stopping_ || waiting + cost > options_.inbox_bytes_max) return;
        waiting += cost;
        inbox_.push_back({from, std::move(message), nullptr});
    }
    wake_.notify_one();
}

void PackExchange::peers_changed(std::vector<PublicKey> connected) {
    {
        const std::lock_guard lock(mutex_);
        peers_ = connected;
    }
    receiver_.peers_changed(connected);
    sender_.peers_changed(connected);
    fetcher_.peers_changed(std::move(connected));
}

std::vector<PublicKey> PackExchange::peers() const {
    const std::lock_guard lock(mutex_);
    return peers_;
}

bool PackExchange::tick() {
    const bool serving = server_.tick();
    return receiver_.tick() || serving;
}

std::optional<PackExchange::Item> PackExchange::next_item(bool ticking) {
    std::unique_lock lock(mutex_);
    const auto is_due = [this] { return stopping_ || !inbox_.empty(); };
    // Without anything that could grow old nothing wakes up.
    if (!ticking) {
        wake_.wait(lock, is_due);
    } else {
        wake_.wait_until(lock, next_tick_, is_due);
    }
    if (stopping_) return std::nullopt;
    const auto now = std::chrono::steady_clock::now();
    if (!ticking || now >= next_tick_) {
        next_tick_ = now + std::chrono::milliseconds(options_.tick_ms);
        if (ticking) return Item{};
    }
    Item item = std::move(inbox_.front());
    inbox_.pop_front();
    if (item.message) inbox_bytes_[item.from] -= item.message->size() + sizeof(Bytes);
    return item;
}

void PackExchange::run() {
    bool ticking = false;
    while (auto item = next_item(ticking)) {
        if (item->question) {
            item->question();
        } else if (item->message) {
            take(item->from, *item->message);
            ticking = true;
        } else {
            ticking = tick();
        }
    }
}

void PackExchange::take(const PublicKey& from, ByteView message) {
    auto decoded = codec::decode_peer_message(message);
    if (!decoded) {
        return parts_.transport.refuse(from, "a malformed message: " + decoded.error().detail);
    }
    std::visit(
        [&](auto& one) {
            using Message = std::decay_t<decltype(one)>;
            if constexpr (kIsAnswer<Message>) {
                const codec::PeerRequestId request = one.request;
                requests_.answer(from, request, std::move(one));
            } else if constexpr (kIsRequest<Message>) {
                server_.serve(from, std::move(one));
            } else if constexpr (kIsForSender<Message>) {
                sender_.take(from, one);
            } else {
                receiver_.take(from, std::move(one));
            }
        },
        *decoded);
}

// Nothing where the repository is not known here yet.
std::unique_ptr<git::ObjectSource> PackExchange::bases_of(forge::RepositoryId repository) const {
    const auto state = parts_.state();
    if (!state) return nullptr;
    const auto packs = state->packs(repository);
    if (!packs) return nullptr;
    auto catalog = parts_.open_packs(*packs);
    if (!catalog) return nullptr;
    return std::make_unique<git::PackedObjects>(std::move(*catalog));
}

std::unique_ptr<PackGate> make_pack_exchange(node::Node& node, Transport& transport) {
    PackExchangeOptions options;
    options.pack_limits = node.options().pack_limits;
    return std::make_unique<NodeExchange>(
        node,
        PackExchangeParts{node.packs(), transport,
                          [&node](const git::PackDigest& digest) { return node.hold_pack(digest); },
                          [&node](const std::vector<chain::RepositoryPack>& packs) {
                              return node.open_packs(packs);
                          },
                          [&node] { return node.state(); },
                          [&node](const git::PackDigest& pack, std::size_t asked) {
                              give_up_when_lost(node, pack, asked);
                          },
                          &node.receive_memory()},
        options);
}

}  // namespace ashlar::validator
