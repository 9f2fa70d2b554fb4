// Over real connections: a validator without a state, and others with one.
#include "native/validator/missing_state.h"

#include "exchange_world.h"
#include "native/validator/network_orderer.h"
#include "native/validator/peer_transport.h"
#include "node_world.h"
#include "support/temporary_folder.h"

namespace ashlar::validator {
namespace {

using node::make_commit;

// A validator that has a state, with an exchange over the loopback.
class Other {
  public:
    explicit Other(Byte seed) : key_(chain::key_of(seed)) {}
    ~Other() {
        exchange_->stop();
        transport_.use(nullptr);
        network_.reset();
    }
    Other(const Other&) = delete;
    Other& operator=(const Other&) = delete;

    void start(const ledger::ChainId& chain_id, const crypto::PublicKey& who_asks) {
        exchange_ = std::make_unique<PackExchange>(
            PackExchangeParts{
                packs,
                transport_,
                [this](const git::PackDigest& digest) { return held_in(packs, digest); },
                [](const auto&) -> Expected<std::shared_ptr<const git::PackCatalog>> {
                    return fail(ErrorCode::unavailable, "not in this test");
                },
                [this] {
                    return std::make_shared<const chain::StateReader>(
                        std::shared_ptr<const KeyValueReader>(chain.store->snapshot()));
                },
                {}},
            PackExchangeOptions{});
        peer::PeerOptions options;
        options.chain = chain_id;
        options.peers = {{who_asks, "127.0.0.1", 1}};
        options.connect_pause_ms_min = options.connect_pause_ms_max = 20;
        peer::PeerHandlers handlers;
        handlers.message = [this](const PublicKey& from, peer::Channel, Bytes message) {
            exchange_->on_message(from, std::move(message));
        };
        handlers.connected = [this](const PublicKey& peer) { exchange_->peers_changed({peer}); };
        handlers.disconnected = [this](const PublicKey&, const std::string&) {
            exchange_->peers_changed({});
        };
        network_ = *peer::PeerNetwork::start(options, key_, random, handlers);
        transport_.use(network_.get());
    }
    static void random(std::span<Byte> into) {
        static node::TestRandom source(77);
        static std::mutex mutex;
        const std::lock_guard lock(mutex);
        source.fill(into);
    }
    peer::PeerAddress address() const {
        return {key_.public_key(), "127.0.0.1", network_->listen_port()};
    }

    git::MemoryPackStore packs;
    chain::ChainHarness chain;

  private:
    crypto::SigningKey key_;
    PeerTransport transport_;
    std::unique_ptr<PackExchange> exchange_;
    std::unique_ptr<peer::PeerNetwork> network_;
};

TEST(MissingState, is_fetched_over_the_network_and_only_once) {
    // The one with the smaller key dials, and only who asks knows where to.
    Byte asks = 30;
    Byte answers = 31;
    if (chain::key_of(answers).public_key() < chain::key_of(asks).public_key()) {
        std::swap(asks, answers);
    }
    const node::DataFolder data{{}, chain::test_genesis(), chain::key_of(asks)};
    Other other(answers);
    const auto id = other.chain.repository("hello");
    const auto commit = make_commit("hello");
    auto action = other.chain.push(id, "refs/heads/main", std::nullopt, commit.id);
    CheckedPacks checked_packs(
        other.packs, [&](const auto& digest) { return held_in(other.packs, digest); }, {});
    PackIntake intake(checked_packs, nullptr);
    ASSERT_TRUE(intake.write(commit.pack));
    action.pack = (*intake.finish())->reference;
    other.chain.run_one(action);
    other.start(other.chain.chain_id, data.key.public_key());

    support::MemoryKeyValue rows;
    git::MemoryPackStore packs;
    node::TestRandom random(5);
    MissingStateOptions options;
    options.peers.peers = {other.address()};
    options.peers.connect_pause_ms_min = 20;
    std::vector<std::string> told;
    const auto progress = [&told](const std::string& words) { told.push_back(words); };
    const auto fetched = fetch_missing_state(rows, packs, data, options, random, progress);
    ASSERT_TRUE(fetched) << fetched.error().message();
    EXPECT_EQ(chain::StateReader(rows.snapshot()).head()->height, other.chain.tip().header.height);
    EXPECT_EQ(*packs.list(), *other.packs.list());
    EXPECT_FALSE(told.empty());
    told.clear();
    ASSERT_TRUE(fetch_missing_state(rows, packs, data, options, random, progress));
    EXPECT_TRUE(told.empty());
}

// A validator that was away for so long that the packs of its next blocks are gone.
TEST(MissingState, a_state_that_was_given_up_is_replaced_by_the_newest) {
    Byte asks = 34;
    Byte answers = 35;
    if (chain::key_of(answers).public_key() < chain::key_of(asks).public_key()) {
        std::swap(asks, answers);
    }
    const node::DataFolder data{{}, chain::test_genesis(), chain::key_of(asks)};
    chain::ChainHarness old;
    old.account("both-know");
    Other other(answers);
    other.chain.account("both-know");
    // What one had and the other has not, so that nothing old can be left.
    old.account("gone");
    for (const char* login : {"newer-1", "newer-2", "newer-3"}) other.chain.account(login);
    other.start(other.chain.chain_id, data.key.public_key());

    ASSERT_TRUE(chain::begin_snapshot(*old.store));
    git::MemoryPackStore packs;
    node::TestRandom random(6);
    MissingStateOptions options;
    options.peers.peers = {other.address()};
    options.peers.connect_pause_ms_min = 20;
    const auto fetched =
        fetch_missing_state(*old.store, packs, data, options, random, [](const std::string&) {});
    ASSERT_TRUE(fetched) << fetched.error().message();
    EXPECT_FALSE(*chain::holds_partial_snapshot(*old.store));
    EXPECT_EQ(old.tip().digest, other.chain.tip().digest);
    EXPECT_TRUE(old.reader().account("newer-3"));
    EXPECT_TRUE(old.reader().account("both-know"));
    EXPECT_FALSE(old.reader().account("gone"));
}

TEST(MissingState, is_not_asked_for_by_who_is_new_with_its_network) {
    const node::DataFolder data{{}, chain::test_genesis(), chain::key_of(40)};
    support::MemoryKeyValue rows;
    git::MemoryPackStore packs;
    node::TestRandom random(5);
    MissingStateOptions options;
    options.beginning = Beginning::with_its_network;
    bool told = false;
    ASSERT_TRUE(fetch_missing_state(rows, packs, data, options, random,
                                    [&told](const std::string&) { told = true; }));
    EXPECT_FALSE(told);
    EXPECT_EQ(rows.key_count(), 0u);
}

// It may be older than votes that the journal has let go of.
TEST(MissingState, of_who_has_voted_before_makes_the_journal_count_as_lost) {
    support::TemporaryFolder folder;
    node::DataFolder data{folder.path(), chain::test_genesis(), chain::key_of(40)};
    const auto is_marked = [&] { return std::filesystem::exists(data.path / kJournalLostFile); };
    git::MemoryPackStore packs;
    node::TestRandom random(5);
    MissingStateOptions options;
    options.snapshot.offers_ms_max = 100;
    const auto fetch = [&](KeyValue& rows) {
        return fetch_missing_state(rows, packs, data, options, random, [](const std::string&) {});
    };
    support::MemoryKeyValue rows;
    ASSERT_TRUE(chain::begin_snapshot(rows));
    EXPECT_FALSE(fetch(rows));
    EXPECT_FALSE(is_marked());
    ASSERT_TRUE(create_journal(data.path, chain::chain_id_of(data.genesis)));
    EXPECT_FALSE(fetch(rows));
    EXPECT_TRUE(is_marked());
    EXPECT_FALSE(fetch(rows));
    EXPECT_TRUE(is_marked());
}

TEST(MissingState, where_nobody_answers_is_left_to_the_blocks) {
    const node::DataFolder data{{}, chain::test_genesis(), chain::key_of(40)};
    support::MemoryKeyValue rows;
    git::MemoryPackStore packs;
    node::TestRandom random(5);
    MissingStateOptions options;
    options.snapshot.offers_ms_max = 100;
    ASSERT_TRUE(fetch_missing_state(rows, packs, data, options, random, [](const std::string&) {}));
    EXPECT_FALSE(*chain::holds_partial_snapshot(rows));
    // But not where a state had been given up.
    ASSERT_TRUE(chain::begin_snapshot(rows));
    EXPECT_FALSE(
        fetch_missing_state(rows, packs, data, options, random, [](const std::string&) {}));
}

}  // namespace
}  // namespace ashlar::validator
