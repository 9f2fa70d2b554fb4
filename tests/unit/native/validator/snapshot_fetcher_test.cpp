#include "native/validator/snapshot_fetcher.h"

#include "exchange_world.h"
#include "node_world.h"

namespace ashlar::validator {
namespace {

using node::make_commit;
using node::random_text;

template <typename Message>
bool is_a(const Bytes& message) {
    const auto decoded = codec::decode_peer_message(message);
    return decoded && std::holds_alternative<Message>(*decoded);
}

// The last of the validators is new; the others have the same chain.
class SnapshotFetcherTest : public ExchangeTest {
  protected:
    void start_with(std::size_t others) {
        PackExchangeOptions options = impatient();
        options.serve.rows_bytes_max = 700;  // many answers, and values in parts
        start(others + 1, options);
        fresh().has_no_state = true;
        genesis_.push_back(chain::test_genesis());
    }
    TestPeer& fresh() { return *peers_.back(); }

    // The same on every validator but the new one.
    template <typename Work>
    void everywhere(const Work& work) {
        for (std::size_t i = 0; i + 1 < peers_.size(); ++i) work(peer(i));
    }
    void push_history() {
        everywhere([this](TestPeer& at) {
            for (int repository = 0; repository < 3; ++repository) {
                const auto id = at.chain.repository("r" + std::to_string(repository));
                auto parent = make_commit(random_text(1, 1'500'000));
                auto action = at.chain.push(id, "refs/heads/main", std::nullopt, parent.id);
                action.pack = store(at, parent.pack);
                at.chain.run_one(action);
                for (int number = 0; number < 5; ++number) {
                    const auto commit = make_commit("file " + std::to_string(number), parent.id);
                    auto next = at.chain.push(id, "refs/heads/main", parent.id, commit.id);
                    next.pack = store(at, commit.pack);
                    at.chain.run_one(next);
                    parent = commit;
                }
            }
        });
    }

    Expected<std::optional<ledger::Height>> fetch() {
        SnapshotOptions options;
        options.answer_ms_max = 300;
        options.offers_ms_max = 1'000;
        options.pack_ms_max = 2'000;
        options.tries_max = 2;
        SnapshotFetcher fetcher(rows_, *fresh().exchange, fresh().transport, genesis_.back(),
                                options);
        return fetcher.run([](const std::string&) {});
    }
    void expect_whole() {
        EXPECT_FALSE(*needs_snapshot(rows_));
        const chain::StateReader theirs = peer(0).chain.reader();
        const chain::StateReader ours(rows_.snapshot());
        EXPECT_EQ(ours.head()->height, theirs.head()->height);
        EXPECT_EQ(*ours.head_digest(), *theirs.head_digest());
        const auto repositories =
            ours.repositories({}, [](const forge::Repository&) { return true; });
        for (const auto& repository : *repositories) {
            const auto packs = ours.packs(repository.id);
            for (const auto& pack : *packs) {
                EXPECT_EQ(fresh().body(pack.pack.digest), peer(0).body(pack.pack.digest));
            }
        }
        EXPECT_EQ(*fresh().packs.list(), *peer(0).packs.list());
    }

    support::MemoryKeyValue rows_;
    std::vector<forge::Genesis> genesis_;
};

TEST_F(SnapshotFetcherTest, brings_the_state_and_every_pack) {
    start_with(1);
    push_history();
    EXPECT_TRUE(*needs_snapshot(rows_));
    const auto height = fetch();
    ASSERT_TRUE(height) << height.error().message();
    EXPECT_EQ(*height, peer(0).chain.tip().header.height);
    expect_whole();
}

TEST_F(SnapshotFetcherTest, of_a_network_that_begins_is_none) {
    start_with(2);
    EXPECT_EQ(*fetch(), std::nullopt);
}

TEST_F(SnapshotFetcherTest, is_offered_though_one_who_is_asked_first_says_nothing) {
    start_with(2);
    push_history();
    wires_.bend([](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from == 0 && is_a<codec::SnapshotOffer>(message)) return std::nullopt;
        return message;
    });
    SnapshotOptions options;
    options.answer_ms_max = options.offers_ms_max = 1'000;
    options.tries_max = 1;
    SnapshotFetcher fetcher(rows_, *fresh().exchange, fresh().transport, genesis_.back(), options);
    const auto height = fetcher.run([](const std::string&) {});
    ASSERT_TRUE(height) << height.error().message();
    EXPECT_TRUE(*height);
    expect_whole();
}

TEST_F(SnapshotFetcherTest, takes_another_one_s_state_where_one_lies) {
    start_with(2);
    push_history();
    wires_.bend([](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from != 0 || !is_a<codec::RowsAnswer>(message)) return message;
        auto answer = std::get<codec::RowsAnswer>(*codec::decode_peer_message(message));
        if (!answer.rows.empty() && answer.rows[0].key.front() == 's') {
            answer.rows[0].value.back() ^= 1;
        }
        return codec::encode(codec::PeerMessage(answer));
    });
    const auto height = fetch();
    ASSERT_TRUE(height && *height);
    expect_whole();
}

TEST_F(SnapshotFetcherTest, that_was_cut_short_is_begun_again) {
    start_with(1);
    push_history();
    std::atomic<int> answers = 0;
    wires_.bend([&answers](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from == 0 && is_a<codec::RowsAnswer>(message) && ++answers > 5) return std::nullopt;
        return message;
    });
    EXPECT_EQ(fetch().error().code, ErrorCode::unavailable);
    EXPECT_TRUE(*needs_snapshot(rows_));
    EXPECT_TRUE(*chain::holds_partial_snapshot(rows_));
    wires_.bend(nullptr);
    ASSERT_TRUE(*fetch());
    expect_whole();
}

TEST_F(SnapshotFetcherTest, whose_packs_lack_an_object_is_not_used) {
    start_with(1);
    const auto parent = make_commit("parent");
    const auto child = make_commit("child", parent.id);
    auto& chain = peer(0).chain;
    const auto id = chain.repository("hello");
    auto action = chain.push(id, "refs/heads/main", std::nullopt, child.id);
    action.pack = store(peer(0), child.pack);
    chain.run_one(action);
    const auto fetched = fetch();
    ASSERT_FALSE(fetched);
    EXPECT_NE(fetched.error().detail.find(parent.id.hex()), std::string::npos)
        << fetched.error().message();
    EXPECT_TRUE(*needs_snapshot(rows_));
}

TEST_F(SnapshotFetcherTest, of_another_network_is_not_used) {
    start_with(1);
    push_history();
    genesis_.push_back(chain::test_genesis(7));
    EXPECT_FALSE(fetch());
}

TEST_F(SnapshotFetcherTest, follows_the_validators_through_their_changes) {
    start_with(1);
    auto& chain = peer(0).chain;
    for (Byte seed = 2; seed < 5; ++seed) {
        forge::ChangeValidators change;
        change.remove = chain.validator.public_key();
        change.add = forge::Validator{chain::key_of(seed).public_key(), "next", {}};
        const auto result = chain.run_one(change);
        ASSERT_FALSE(result.refusal) << result.refusal->message();
        chain.validator = chain::key_of(seed);
        chain.account("a" + std::to_string(seed));
    }
    const auto height = fetch();
    ASSERT_TRUE(height) << height.error().message();
    expect_whole();
    EXPECT_EQ(chain::StateReader(rows_.snapshot()).head()->epoch, ledger::Epoch(3));
    // And leads others on.
    EXPECT_TRUE(chain::prove_epoch_change(rows_, ledger::Epoch(0)));
}

}  // namespace
}  // namespace ashlar::validator
