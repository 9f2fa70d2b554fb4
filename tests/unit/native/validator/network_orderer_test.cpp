// Nodes over real connections on loopback, each with its journal in a folder.
#include "native/validator/network_orderer.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <thread>

#include "native/storage/posix_file_system.h"
#include "orderer_world.h"
#include "support/memory_pack_store.h"
#include "support/temporary_folder.h"

namespace ashlar::validator {
namespace {

constexpr std::chrono::seconds kPatience{60};

template <typename Condition>
bool comes_true(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

// A listener on loopback; its port is free once it is gone.
class Port {
  public:
    Port() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* any = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(fd_, any, length), 0);
        EXPECT_EQ(::getsockname(fd_, any, &length), 0);
        number_ = ntohs(address.sin_port);
    }
    ~Port() { release(); }
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    std::uint16_t number() const { return number_; }
    void listen() { EXPECT_EQ(::listen(fd_, 1), 0); }
    void release() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }

  private:
    int fd_;
    std::uint16_t number_ = 0;
};

// Keeps a store's rows over restarts of the node that is given them.
class SharedRows final : public KeyValue {
  public:
    explicit SharedRows(std::shared_ptr<support::MemoryKeyValue> rows) : rows_(std::move(rows)) {}
    Expected<std::optional<Bytes>> get(ByteView key) const override { return rows_->get(key); }
    Expected<void> scan(ByteView from, ByteView to, const Visitor& visit) const override {
        return rows_->scan(from, to, visit);
    }
    std::unique_ptr<KeyValueReader> snapshot() const override { return rows_->snapshot(); }
    Expected<void> commit(const WriteBatch& batch, Durability durability) override {
        return rows_->commit(batch, durability);
    }

  private:
    std::shared_ptr<support::MemoryKeyValue> rows_;
};

class NetworkOrdererTest : public testing::Test {
  protected:
    static constexpr std::size_t kCount = 4;
    struct Member {
        Port port;
        support::TemporaryFolder folder;
        std::shared_ptr<support::MemoryKeyValue> rows = std::make_shared<support::MemoryKeyValue>();
        std::unique_ptr<node::Node> node;
    };

    NetworkOrdererTest() {
        genesis_.network_name = "test";
        genesis_.time_ms = 1'700'000'000'000;
        for (std::size_t i = 0; i < kCount; ++i) {
            genesis_.validators.push_back(
                {OrdererWorld::key_of(i).public_key(), "v" + std::to_string(i + 1),
                 "127.0.0.1:" + std::to_string(members_[i].port.number())});
        }
        std::sort(genesis_.validators.begin(), genesis_.validators.end(),
                  [](const auto& left, const auto& right) { return left.key < right.key; });
        genesis_.administrator = {"admin", forge::token_secret_hash("secret")};
    }
    ~NetworkOrdererTest() override {
        for (Member& member : members_) member.node.reset();
    }

    ledger::ChainId chain_id() const { return chain::chain_id_of(genesis_); }
    std::filesystem::path journal_lost(std::size_t index) const {
        return members_[index].folder.path() / kJournalLostFile;
    }
    NetworkOptions options_of(std::size_t index) const {
        NetworkOptions options;
        options.folder = members_[index].folder.path();
        options.peers.listen_port = members_[index].port.number();
        options.peers.connect_pause_ms_min = 10;
        options.peers.connect_pause_ms_max = 50;
        options.consensus = OrdererWorld::quick();
        return options;
    }
    Expected<std::unique_ptr<node::Node>> start_node(std::size_t index,
                                                     const NetworkOptions& options) {
        const auto random = std::make_shared<node::SystemRandom>();
        const auto make_gate = [](node::Node&, Transport&) -> Expected<std::unique_ptr<PackGate>> {
            return std::make_unique<ToldPacks>();
        };
        node::NodeOptions node_options;
        node_options.housekeeping.interval_ms = 0;
        return node::Node::start(
            {std::make_unique<SharedRows>(members_[index].rows),
             std::make_unique<git::MemoryPackStore>(), std::make_shared<node::SystemClock>(),
             random, genesis_, OrdererWorld::key_of(index),
             [](const Error& error) { ADD_FAILURE() << error.message(); },
             network_orderer_factory(options, random, make_gate)},
            node_options);
    }
    void start(std::size_t index) {
        Member& member = members_[index];
        member.port.release();
        auto node = start_node(index, options_of(index));
        ASSERT_TRUE(node) << node.error().message();
        member.node = std::move(*node);
    }
    void start_all() {
        for (std::size_t i = 0; i < kCount; ++i) {
            ASSERT_TRUE(create_journal(members_[i].folder.path(), chain_id()));
            start(i);
        }
    }
    node::Node& node(std::size_t index) { return *members_[index].node; }
    Expected<chain::Receipt> order(std::size_t index, const std::string& login) {
        const auto author = node(index).authenticate("secret");
        EXPECT_TRUE(author);
        return node(index).submit_and_wait(*author, create_account(login));
    }
    bool knows(std::size_t index, const std::string& login) {
        return comes_true([&] { return node(index).state()->account(login).has_value(); });
    }

    std::array<Member, kCount> members_;
    chain::Genesis genesis_;
};

TEST_F(NetworkOrdererTest, finds_the_others_by_the_addresses_in_the_state_and_agrees_with_them) {
    start_all();
    for (std::size_t i = 0; i < kCount; ++i) {
        const std::string login = "account-" + std::to_string(i);
        const auto receipt = order(i, login);
        ASSERT_TRUE(receipt) << receipt.error().message();
        for (std::size_t other = 0; other < kCount; ++other) EXPECT_TRUE(knows(other, login));
    }
    EXPECT_TRUE(comes_true([&] { return node(0).consensus_status().ready; }));
}

TEST_F(NetworkOrdererTest, says_whom_it_is_connected_to_and_whom_not) {
    for (std::size_t i = 0; i + 1 < kCount; ++i) {
        ASSERT_TRUE(create_journal(members_[i].folder.path(), chain_id()));
        start(i);
    }
    const PublicKey absent = OrdererWorld::key_of(kCount - 1).public_key();
    const auto is_shown = [&] {
        const auto peers = node(0).consensus_status().peers;
        return peers.size() == kCount - 1 &&
               std::all_of(peers.begin(), peers.end(), [&](const node::PeerConnection& peer) {
                   return peer.connected == (peer.key != absent) &&
                          (peer.sent_bytes > 0) == peer.connected;
               });
    };
    EXPECT_TRUE(comes_true(is_shown));
    for (const node::PeerConnection& peer : node(0).consensus_status().peers) {
        EXPECT_EQ(peer.address.substr(0, 10), "127.0.0.1:");
    }
    EXPECT_TRUE(node(0).evidence(10)->empty());
}

TEST_F(NetworkOrdererTest, goes_on_where_it_stood_after_a_restart) {
    start_all();
    ASSERT_TRUE(order(0, "before"));
    members_[2].node.reset();
    ASSERT_TRUE(order(1, "while"));
    start(2);
    EXPECT_TRUE(knows(2, "while"));
    EXPECT_FALSE(std::filesystem::exists(journal_lost(2)));
    ASSERT_TRUE(order(2, "after"));
}

TEST_F(NetworkOrdererTest, notes_that_its_journal_was_lost_until_that_matters_no_more) {
    start_all();
    ASSERT_TRUE(order(0, "before"));
    members_[3].node.reset();
    std::filesystem::remove_all(members_[3].folder.path() / kJournalFolder);
    start(3);
    EXPECT_TRUE(std::filesystem::exists(journal_lost(3)));
    // The note outlives another restart, although there is a journal again.
    members_[3].node.reset();
    start(3);
    EXPECT_TRUE(std::filesystem::exists(journal_lost(3)));
    int number = 0;
    EXPECT_TRUE(comes_true([&] {
        EXPECT_TRUE(order(0, "while-" + std::to_string(number++)));
        return !std::filesystem::exists(journal_lost(3));
    }));
}

TEST_F(NetworkOrdererTest, prefers_the_addresses_that_it_is_configured_with) {
    // Those in the state lead nowhere.
    for (forge::Validator& validator : genesis_.validators) validator.address = "127.0.0.1:1";
    for (std::size_t i = 0; i < kCount; ++i) {
        ASSERT_TRUE(create_journal(members_[i].folder.path(), chain_id()));
        members_[i].port.release();
        NetworkOptions options = options_of(i);
        for (std::size_t other = 0; other < kCount; ++other) {
            if (other == i) continue;
            options.peers.peers.push_back({OrdererWorld::key_of(other).public_key(), "127.0.0.1",
                                           members_[other].port.number()});
        }
        auto started = start_node(i, options);
        ASSERT_TRUE(started) << started.error().message();
        members_[i].node = std::move(*started);
    }
    const auto receipt = order(3, "reached");
    ASSERT_TRUE(receipt) << receipt.error().message();
}

TEST_F(NetworkOrdererTest, says_which_address_it_cannot_listen_on) {
    members_[0].port.listen();
    const auto refused = start_node(0, options_of(0));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_NE(refused.error().detail.find(std::to_string(members_[0].port.number())),
              std::string::npos);
}

TEST_F(NetworkOrdererTest, a_journal_is_made_once) {
    const auto& folder = members_[0].folder.path();
    ASSERT_TRUE(create_journal(folder, chain_id()));
    ASSERT_TRUE(create_journal(folder, chain_id()));
    storage::PosixFileSystem files(folder);
    EXPECT_TRUE(VoteJournal::open(files, std::string(kJournalFolder), chain_id()));
    // A journal of another network is no journal of this one.
    genesis_.network_name = "another";
    EXPECT_EQ(VoteJournal::open(files, std::string(kJournalFolder), chain_id()).error().code,
              ErrorCode::corrupt);
}

}  // namespace
}  // namespace ashlar::validator
