// Some validators' exchanges of packs, joined by wires that a test can cut, bend and listen to.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "chain_harness.h"
#include "git/pack/packed_objects.h"
#include "native/node/pack_pins.h"
#include "native/validator/pack_exchange.h"
#include "support/memory_pack_store.h"
#include "support/pack_builder.h"

namespace ashlar::validator {

inline PublicKey key_of_peer(std::size_t number) {
    return chain::key_of(static_cast<Byte>(number + 1)).public_key();
}

template <typename Condition>
bool comes_true(const Condition& condition, int seconds_max = 30) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds_max);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

// Where nothing is ever swept away.
inline Expected<CheckedPacks::Held> held_in(git::PackStore& packs, const git::PackDigest& digest) {
    ASHLAR_TRY(const bool found, packs.contains(digest));
    return found ? std::make_shared<const int>(0) : nullptr;
}

// Carries messages between exchanges, each at once, unless a test says otherwise.
class Wires {
  public:
    // Gives what arrives instead; nothing: it is lost.
    using Bend = std::function<std::optional<Bytes>(std::size_t from, std::size_t to, Bytes)>;

    void bend(Bend how) {
        const std::lock_guard lock(mutex_);
        bend_ = std::move(how);
    }
    void join(std::size_t number, PackExchange* exchange) {
        const std::lock_guard lock(mutex_);
        exchanges_[number] = exchange;
    }
    void leave(std::size_t number) {
        const std::lock_guard lock(mutex_);
        exchanges_.erase(number);
    }
    void carry(std::size_t from, std::size_t to, const Bytes& message) {
        const std::lock_guard lock(mutex_);
        ++counts_[{from, static_cast<std::size_t>(kind_of(message))}];
        const auto found = exchanges_.find(to);
        if (found == exchanges_.end()) return;
        std::optional<Bytes> bent = message;
        if (bend_) bent = bend_(from, to, message);
        if (bent) found->second->on_message(key_of_peer(from), std::move(*bent));
    }
    void refuse(std::size_t by, const PublicKey& peer) {
        const std::lock_guard lock(mutex_);
        refused_.emplace_back(by, peer);
    }
    bool refused(std::size_t by, std::size_t peer) {
        const std::lock_guard lock(mutex_);
        return std::find(refused_.begin(), refused_.end(), std::pair(by, key_of_peer(peer))) !=
               refused_.end();
    }
    // How many messages of a kind somebody sent.
    template <typename Message>
    std::size_t sent(std::size_t from) {
        const std::lock_guard lock(mutex_);
        return counts_[{from, codec::PeerMessage(Message{}).index()}];
    }

  private:
    static std::size_t kind_of(const Bytes& message) {
        const auto decoded = codec::decode_peer_message(message);
        return decoded ? decoded->index() : std::variant_npos;
    }

    std::mutex mutex_;
    Bend bend_;
    std::map<std::size_t, PackExchange*> exchanges_;
    std::map<std::pair<std::size_t, std::size_t>, std::size_t> counts_;
    std::vector<std::pair<std::size_t, PublicKey>> refused_;
};

class WireTransport final : public Transport {
  public:
    WireTransport(Wires& wires, std::size_t self, std::size_t count)
        : wires_(wires), self_(self), count_(count) {}
    void send(const crypto::PublicKey& to, peer::Channel, peer::SharedMessage message) override {
        for (std::size_t i = 0; i < count_; ++i) {
            if (i != self_ && key_of_peer(i) == to) wires_.carry(self_, i, *message);
        }
    }
    void broadcast(peer::Channel channel, peer::SharedMessage message) override {
        for (std::size_t i = 0; i < count_; ++i) {
            if (i != self_) send(key_of_peer(i), channel, message);
        }
    }
    void refuse(const crypto::PublicKey& peer, const std::string&) override {
        wires_.refuse(self_, peer);
    }

  private:
    Wires& wires_;
    const std::size_t self_;
    const std::size_t count_;
};

inline PackExchangeOptions impatient() {
    PackExchangeOptions options;
    options.fetch.answer_ms_max = 300;
    options.fetch.retry_ms_min = 10;
    options.fetch.retry_ms_max = 50;
    return options;
}

// One validator: packs in memory, a chain of its own that begins like the others'.
struct TestPeer {
    TestPeer(Wires& wires_, std::size_t number_, std::size_t count,
             const PackExchangeOptions& options)
        : wires(wires_), number(number_), transport(wires_, number_, count) {
        const PackExchangeParts parts{
            packs,
            transport,
            [this](const git::PackDigest& digest) { return hold(digest); },
            [this](const std::vector<chain::RepositoryPack>& list) { return open(list); },
            [this]() -> std::shared_ptr<const chain::StateReader> {
                if (has_no_state) return nullptr;
                return std::make_shared<const chain::StateReader>(
                    std::shared_ptr<const KeyValueReader>(chain.store->snapshot()));
            },
            [this](const git::PackDigest&, std::size_t) { ++lost; }};
        exchange = std::make_unique<PackExchange>(parts, options);
        wires.join(number, exchange.get());
    }
    ~TestPeer() {
        wires.leave(number);
        exchange->stop();
    }
    TestPeer(const TestPeer&) = delete;
    TestPeer& operator=(const TestPeer&) = delete;

    Expected<std::shared_ptr<const git::PackCatalog>> open(
        const std::vector<chain::RepositoryPack>& list) {
        std::vector<std::shared_ptr<const git::StoredPack>> stored;
        for (const auto& pack : list) {
            ASHLAR_TRY(auto opened, packs.open(pack.pack.digest));
            stored.push_back(std::move(opened));
        }
        return git::PackCatalog::open(std::move(stored));
    }
    Expected<CheckedPacks::Held> hold(const git::PackDigest& digest) {
        ASHLAR_TRY(auto pin, pins.pin_if(digest, [&] { return packs.contains(digest); }));
        return CheckedPacks::Held(std::shared_ptr<const node::PackPins::Pin>(std::move(pin)));
    }
    // As housekeeping does with what belongs to nothing.
    void sweep() {
        EXPECT_TRUE(pins.while_nothing_is_published([this](const node::PackPins::IsPinned&) {
            const auto stored = packs.list();
            for (const git::PackDigest& digest : *stored) {
                if (!pins.may_be_removed(digest, 0)) continue;
                EXPECT_TRUE(packs.remove(digest));
            }
        }));
    }
    bool holds(const git::PackDigest& pack) { return *packs.contains(pack); }
    Bytes body(const git::PackDigest& pack) {
        const auto opened = packs.open(pack);
        if (!opened) return {};
        Bytes bytes(static_cast<std::size_t>((*opened)->body->size()));
        EXPECT_TRUE((*opened)->body->read(0, bytes));
        return bytes;
    }

    Wires& wires;
    const std::size_t number;
    WireTransport transport;
    git::MemoryPackStore packs;
    node::PackPins pins;
    chain::ChainHarness chain;
    std::atomic<bool> has_no_state = false;
    std::atomic<int> lost = 0;
    std::unique_ptr<PackExchange> exchange;
};

class ExchangeTest : public testing::Test {
  protected:
    // Connected to each other.
    void start(std::size_t count, const PackExchangeOptions& options = impatient()) {
        for (std::size_t i = 0; i < count; ++i) {
            peers_.push_back(std::make_unique<TestPeer>(wires_, i, count, options));
        }
        for (std::size_t i = 0; i < count; ++i) connect(i, others_than(i));
    }
    std::vector<std::size_t> others_than(std::size_t number) const {
        std::vector<std::size_t> others;
        for (std::size_t i = 0; i < peers_.size(); ++i) {
            if (i != number) others.push_back(i);
        }
        return others;
    }
    void connect(std::size_t number, const std::vector<std::size_t>& to) {
        std::vector<PublicKey> keys;
        for (const std::size_t other : to) keys.push_back(key_of_peer(other));
        peers_[number]->exchange->peers_changed(keys);
    }
    TestPeer& peer(std::size_t number) { return *peers_[number]; }

    // Stores a pack with one validator, which tells nobody.
    forge::PackReference store(TestPeer& at, ByteView pack) {
        PackIntake intake(at.exchange->checked_packs(), nullptr);
        EXPECT_TRUE(intake.write(pack));
        const auto known = intake.finish();
        EXPECT_TRUE(known) << known.error().message();
        return (*known)->reference;
    }

    // What a push does with the bytes that a client sends in pieces; `between` runs after each.
    forge::PackReference push(
        TestPeer& at, ByteView pack, forge::RepositoryId repository, std::size_t piece_bytes,
        const std::function<void(std::size_t)>& between = [](std::size_t) {}) {
        const auto staging = *at.packs.stage();
        auto bases = bases_of(at, repository);
        git::PackReceiver receiver(*staging, bases.get(), {});
        const auto spread = at.exchange->spreader().begin(repository, *staging);
        for (std::size_t done = 0; done < pack.size(); done += piece_bytes) {
            const ByteView piece = pack.subspan(done, std::min(piece_bytes, pack.size() - done));
            EXPECT_TRUE(receiver.write(piece));
            spread->arrived(piece);
            between(done);
        }
        spread->ended();
        const auto received = receiver.finish();
        EXPECT_TRUE(received) << received.error().message();
        const auto manifest = staging->publish(received->object_count, received->index);
        const forge::PackReference reference{manifest->digest(), manifest->size,
                                             manifest->object_count, manifest->index_digest};
        spread->stored(reference, *received);
        return reference;
    }
    static std::unique_ptr<git::ObjectSource> bases_of(TestPeer& at,
                                                       forge::RepositoryId repository) {
        const auto packs = at.chain.reader().packs(repository);
        auto catalog = at.open(*packs);
        return std::make_unique<git::PackedObjects>(*catalog);
    }

    // Whether the pack comes when it is wanted.
    bool comes(TestPeer& to, const forge::PackReference& pack, std::size_t holder,
               int seconds_max = 30) {
        auto here = std::make_shared<std::atomic<bool>>(false);
        to.exchange->want({pack}, key_of_peer(holder), [here](KeptPacks) { *here = true; });
        return comes_true([&] { return here->load(); }, seconds_max);
    }

    Wires wires_;
    std::vector<std::unique_ptr<TestPeer>> peers_;
};

}  // namespace ashlar::validator
