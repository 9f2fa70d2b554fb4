#include "exchange_world.h"
#include "node_world.h"

namespace ashlar::validator {
namespace {

using node::make_commit;
using node::random_text;

// A commit with a file that does not deflate.
node::TestCommit large_commit(std::uint64_t seed, std::size_t bytes) {
    return make_commit(random_text(seed, bytes));
}

std::size_t kind_of(const Bytes& message) {
    const auto decoded = codec::decode_peer_message(message);
    return decoded ? decoded->index() : std::variant_npos;
}

template <typename Message>
bool is_a(const Bytes& message) {
    return kind_of(message) == codec::PeerMessage(Message{}).index();
}

TEST_F(ExchangeTest, sends_a_small_pack_whole_before_anybody_asks) {
    start(4);
    const auto commit = make_commit("hello");
    const auto pack = push(peer(0), commit.pack, forge::RepositoryId(1), 1'000);
    for (std::size_t i = 1; i < 4; ++i) {
        EXPECT_TRUE(comes_true([&] { return peer(i).holds(pack.digest); }));
        EXPECT_EQ(peer(i).body(pack.digest), peer(0).body(pack.digest));
        EXPECT_EQ(wires_.sent<codec::PackManifestRequest>(i), 0u);
    }
}

TEST_F(ExchangeTest, refuses_who_sends_a_pack_under_another_name) {
    start(2);
    codec::SmallPack pack{{}, make_commit("hello").pack};
    pack.pack.digest.bytes.fill(7);
    peer(1).exchange->on_message(key_of_peer(0), codec::encode(codec::PeerMessage(pack)));
    EXPECT_TRUE(comes_true([&] { return wires_.refused(1, 0); }));
    EXPECT_TRUE(peer(1).packs.list()->empty());
}

TEST_F(ExchangeTest, refuses_who_sends_what_is_no_message) {
    start(2);
    peer(1).exchange->on_message(key_of_peer(0), to_bytes("no message at all"));
    EXPECT_TRUE(comes_true([&] { return wires_.refused(1, 0); }));
}

TEST_F(ExchangeTest, spreads_a_large_pack_while_it_arrives) {
    start(4);
    const auto commit = large_commit(9, 9'000'000);
    bool followed = false;
    const auto pack =
        push(peer(0), commit.pack, forge::RepositoryId(1), 100'000, [&](std::size_t done) {
            // Long before the end the others have received most of what has come.
            if (done < 6'000'000 || followed) return;
            followed = comes_true([&] { return wires_.sent<codec::SpreadCredit>(3) >= 8; });
            EXPECT_TRUE(followed);
        });
    for (std::size_t i = 1; i < 4; ++i) {
        EXPECT_TRUE(comes(peer(i), pack, 0));
        EXPECT_EQ(peer(i).body(pack.digest), peer(0).body(pack.digest));
        EXPECT_EQ(wires_.sent<codec::PackExtentRequest>(i), 0u);
    }
    EXPECT_EQ(wires_.sent<codec::SpreadEnd>(0), 3u);
}

TEST_F(ExchangeTest, waits_for_what_is_on_its_way_rather_than_ask_for_it) {
    start(2);
    const auto commit = large_commit(15, 6'000'000);
    // Its transaction is quicker than the pack's last bytes.
    const auto early = store(peer(0), commit.pack);
    auto here = std::make_shared<std::atomic<bool>>(false);
    const auto pack =
        push(peer(0), commit.pack, forge::RepositoryId(1), 200'000, [&](std::size_t done) {
            if (done != 4'000'000) return;
            EXPECT_TRUE(comes_true([&] { return wires_.sent<codec::SpreadCredit>(1) >= 2; }));
            peer(1).exchange->want({early}, key_of_peer(0), [here](KeptPacks) { *here = true; });
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        });
    EXPECT_EQ(pack, early);
    EXPECT_TRUE(comes_true([&] { return here->load(); }));
    EXPECT_EQ(wires_.sent<codec::PackExtentRequest>(1), 0u);
}

// A blob that is a delta against one that the repository has, and the pack is not small.
TEST_F(ExchangeTest, completes_a_thin_pack_alike_wherever_it_is_spread) {
    start(2);
    const std::string base = random_text(10, 2'000);
    const auto first = make_commit(base);
    forge::RepositoryId repository;
    for (std::size_t i = 0; i < 2; ++i) {
        repository = peer(i).chain.repository("hello");
        auto action = peer(i).chain.push(repository, "refs/heads/main", std::nullopt, first.id);
        action.pack = store(peer(i), first.pack);
        peer(i).chain.run_one(action);
    }
    const std::string result = base + "!";
    git::PackBuilder thin;
    const std::string large = random_text(11, 3'000'000);
    thin.add(git::ObjectType::blob, large);
    thin.add_reference_delta(first.blob, git::DeltaBuilder(base.size(), result.size())
                                             .copy(0, static_cast<std::uint32_t>(base.size()))
                                             .insert("!")
                                             .bytes());
    const auto pack = push(peer(0), thin.build(), repository, 200'000);
    EXPECT_EQ(pack.object_count, 3u);
    EXPECT_TRUE(comes(peer(1), pack, 0));
    EXPECT_EQ(peer(1).body(pack.digest), peer(0).body(pack.digest));
    EXPECT_EQ(wires_.sent<codec::PackExtentRequest>(1), 0u);
}

TEST_F(ExchangeTest, fetches_by_name_what_was_spread_and_did_not_all_arrive) {
    start(3);
    const auto commit = large_commit(12, 5'000'000);
    std::atomic<int> pieces = 0;
    // One validator loses a piece, the other never has the base of a thin pack, or the like.
    wires_.bend([&pieces](std::size_t, std::size_t to, Bytes message) -> std::optional<Bytes> {
        if (to == 1 && is_a<codec::SpreadBytes>(message) && ++pieces == 5) return std::nullopt;
        if (to == 2 && is_a<codec::SpreadBegin>(message)) return std::nullopt;
        return message;
    });
    const auto pack = push(peer(0), commit.pack, forge::RepositoryId(1), 300'000);
    for (std::size_t i = 1; i < 3; ++i) {
        EXPECT_TRUE(comes(peer(i), pack, 0));
        EXPECT_EQ(peer(i).body(pack.digest), peer(0).body(pack.digest));
        EXPECT_GT(wires_.sent<codec::PackExtentRequest>(i), 0u);
    }
}

TEST_F(ExchangeTest, a_push_does_not_wait_for_who_reads_nothing) {
    start(3);
    const auto commit = large_commit(13, 12'000'000);
    wires_.bend([](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from == 1 && is_a<codec::SpreadCredit>(message)) return std::nullopt;
        return message;
    });
    const auto pack = push(peer(0), commit.pack, forge::RepositoryId(1), 1'000'000);
    EXPECT_TRUE(comes(peer(2), pack, 0));
    EXPECT_FALSE(peer(1).holds(pack.digest));
}

// Room for a byte more, again and again, or none at all.
TEST_F(ExchangeTest, sends_on_to_others_where_one_gives_room_drop_by_drop) {
    for (const std::uint64_t step : {0, 1}) {
        PackExchangeOptions options = impatient();
        options.spread.spreads_max = 1;
        options.spread.patience_ms = 200;
        options.spread.bytes_per_ms_min = 1'000'000'000;
        peers_.clear();
        start(2, options);
        wires_.bend([](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
            if (from == 1 && is_a<codec::SpreadCredit>(message)) return std::nullopt;
            return message;
        });
        const auto commit = large_commit(60, 6'000'000);
        const std::size_t before = wires_.sent<codec::SpreadBegin>(0);
        push(peer(0), commit.pack, forge::RepositoryId(1), 1'000'000);
        ASSERT_EQ(wires_.sent<codec::SpreadBegin>(0), before + 1);
        std::uint64_t room = kSpreadWindowBytes;
        EXPECT_TRUE(comes_true([&] {
            room += step;
            peer(0).exchange->on_message(
                key_of_peer(1),
                codec::encode(codec::PeerMessage(codec::SpreadCredit{codec::SpreadId(1), room})));
            const auto staging = *peer(0).packs.stage();
            const auto next = peer(0).exchange->spreader().begin(forge::RepositoryId(1), *staging);
            next->arrived(commit.pack);
            return wires_.sent<codec::SpreadBegin>(0) == before + 2;
        }));
    }
}

TEST_F(ExchangeTest, drops_what_a_validator_was_sending_when_it_goes) {
    PackExchangeOptions options = impatient();
    options.receive.spreads_per_peer_max = 1;
    start(2, options);
    const auto begin = [&](std::uint64_t spread) {
        peer(1).exchange->on_message(
            key_of_peer(0),
            codec::encode(codec::PeerMessage(codec::SpreadBegin{codec::SpreadId(spread), {}})));
    };
    begin(1);
    begin(2);
    EXPECT_TRUE(comes_true([&] { return wires_.sent<codec::SpreadRefusal>(1) == 1; }));
    connect(1, {});
    connect(1, {0});
    begin(3);
    begin(4);
    EXPECT_TRUE(comes_true([&] { return wires_.sent<codec::SpreadRefusal>(1) == 2; }));
}

TEST_F(ExchangeTest, takes_no_more_of_a_flood_than_it_has_room_for) {
    PackExchangeOptions options = impatient();
    options.receive.unnamed_count_max = 10;
    start(2, options);
    for (int i = 0; i < 40; ++i) {
        const auto commit = make_commit("hello " + std::to_string(i));
        push(peer(0), commit.pack, forge::RepositoryId(1), 1'000);
    }
    EXPECT_TRUE(comes_true([&] { return peer(1).packs.list()->size() == 10; }));
    // Beyond the room that was given nothing is taken, either.
    peer(1).exchange->on_message(
        key_of_peer(0),
        codec::encode(codec::PeerMessage(codec::SpreadBegin{codec::SpreadId(99), {}})));
    EXPECT_TRUE(comes_true([&] { return wires_.sent<codec::SpreadRefusal>(1) == 1; }));
    // What a transaction names counts no more.
    const auto named = *peer(1).packs.list();
    for (const auto& digest : named) {
        EXPECT_TRUE(comes(peer(1), forge::PackReference{digest, 1, 1, {}}, 0));
    }
    push(peer(0), make_commit("one more").pack, forge::RepositoryId(1), 1'000);
    EXPECT_TRUE(comes_true([&] { return peer(1).packs.list()->size() == 11; }));
}

TEST_F(ExchangeTest, counts_for_its_sender_nothing_that_was_named_before_it_came) {
    PackExchangeOptions options = impatient();
    options.receive.unnamed_count_max = 2;
    start(2, options);
    // Of these none is fetched by name.
    wires_.bend([](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from == 1 && is_a<codec::PackManifestRequest>(message)) return std::nullopt;
        return message;
    });
    for (int i = 0; i < 5; ++i) {
        const auto commit = make_commit("hello " + std::to_string(i));
        const auto pack = store(peer(0), commit.pack);
        auto here = std::make_shared<std::atomic<bool>>(false);
        peer(1).exchange->want({pack}, key_of_peer(0), [here](KeptPacks) { *here = true; });
        ASSERT_TRUE(comes_true([&] { return peer(1).exchange->fetcher().is_wanted(pack.digest); }));
        push(peer(0), commit.pack, forge::RepositoryId(1), 1'000);
        EXPECT_TRUE(comes_true([&] { return here->load(); })) << i;
    }
}

TEST_F(ExchangeTest, forgives_in_time_the_bytes_that_nothing_has_named) {
    PackExchangeOptions options = impatient();
    options.receive.unnamed_bytes_max = 6'000;
    options.receive.unnamed_ms = 1;
    start(2, options);
    for (std::uint64_t i = 0; i < 8; ++i) {
        const auto pack =
            push(peer(0), large_commit(50 + i, 2'000).pack, forge::RepositoryId(1), 1'000);
        EXPECT_TRUE(comes_true([&] { return peer(1).holds(pack.digest); })) << i;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

// Says what was taken of it.
class CountedMemory final : public MemoryBudget {
  public:
    std::uint64_t take(std::uint64_t least, std::uint64_t) override {
        ++taken_;
        held_ += least;
        return least;
    }
    void give_back(std::uint64_t bytes) override { held_ -= bytes; }
    int taken() const { return taken_; }
    std::uint64_t held() const { return held_; }

  private:
    std::atomic<int> taken_ = 0;
    std::atomic<std::uint64_t> held_ = 0;
};

TEST(CheckedPacks, take_their_memory_of_what_all_who_receive_share) {
    git::MemoryPackStore packs;
    const std::string base = random_text(40, 2'000);
    git::PackBuilder builder;
    const auto at = builder.add(git::ObjectType::blob, base);
    builder.add_offset_delta(at, git::DeltaBuilder(base.size(), base.size() + 1)
                                     .copy(0, static_cast<std::uint32_t>(base.size()))
                                     .insert("!")
                                     .bytes());
    CountedMemory memory;
    const auto hold = [&packs](const git::PackDigest& digest) { return held_in(packs, digest); };
    git::PackDigest digest;
    {
        CheckedPacks checked_packs(packs, hold, {}, &memory);
        PackIntake intake(checked_packs, nullptr);
        ASSERT_TRUE(intake.write(builder.build()));
        const auto known = intake.finish();
        ASSERT_TRUE(known) << known.error().message();
        digest = (*known)->reference.digest;
        EXPECT_EQ(memory.taken(), 1);
    }
    // One that is looked through again, too.
    CheckedPacks checked_packs(packs, hold, {}, &memory);
    ASSERT_TRUE(checked_packs.known(digest));
    EXPECT_EQ(memory.taken(), 2);
    EXPECT_EQ(memory.held(), 0u);
}

TEST_F(ExchangeTest, lets_go_of_a_snapshot_in_time_however_much_it_is_asked) {
    PackExchangeOptions options = impatient();
    options.tick_ms = 50;
    options.serve.snapshot_ms = 50;
    start(2, options);
    peer(0).chain.repository("hello");
    std::atomic<bool> offered = false;
    std::atomic<bool> gone = false;
    wires_.bend([&](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from == 0 && is_a<codec::SnapshotOffer>(message)) offered = true;
        if (from == 0 && is_a<codec::NotHere>(message)) gone = true;
        return message;
    });
    const auto ask = [this](const codec::PeerMessage& message) {
        peer(0).exchange->on_message(key_of_peer(1), codec::encode(message));
    };
    ask(codec::SnapshotRequest{codec::PeerRequestId(1)});
    ASSERT_TRUE(comes_true([&] { return offered.load(); }));
    // Every few milliseconds.
    EXPECT_TRUE(comes_true([&] {
        ask(codec::RowsRequest{codec::PeerRequestId(2), codec::SnapshotId(1), {}, 0});
        return gone.load();
    }));
    wires_.bend(nullptr);
}

// Messages that decode, in any order and with any numbers in them.
codec::PeerMessage any_message(support::FaultPlan& chance) {
    const codec::PeerRequestId request(chance.random_below(40));
    const codec::SpreadId spread(chance.random_below(4));
    git::PackDigest pack;
    pack.digest.bytes.fill(static_cast<Byte>(chance.random_below(3)));
    Bytes bytes(static_cast<std::size_t>(chance.random_below(3'000)));
    for (Byte& byte : bytes) byte = static_cast<Byte>(chance.random_below(256));
    const std::uint64_t number =
        chance.random_below(2) == 0 ? chance.random_below(5'000) : chance.random_below(~0ULL);
    switch (chance.random_below(12)) {
        case 0:
            return codec::PackManifestRequest{request, pack};
        case 1:
            return codec::PackManifestAnswer{request, number, number, {pack.digest}};
        case 2:
            return codec::PackExtentRequest{request, pack, static_cast<std::uint32_t>(number)};
        case 3:
            return codec::PackExtentAnswer{request, bytes};
        case 4:
            return codec::SpreadBegin{spread, forge::RepositoryId(number)};
        case 5:
            return codec::SpreadBytes{spread, chance.random_below(2) == 0 ? 0 : number, bytes};
        case 6:
            return codec::SpreadCredit{spread, number};
        case 7:
            return codec::SpreadEnd{spread, pack, number};
        case 8:
            return codec::SpreadRefusal{spread};
        case 9:
            return codec::RowsRequest{
                request, codec::SnapshotId(number),
                Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bytes.size() / 2)),
                number};
        case 10:
            return codec::SnapshotRequest{request};
        default:
            return codec::EpochRequest{request, ledger::Epoch(number)};
    }
}

TEST_F(ExchangeTest, serves_others_whatever_one_of_them_says) {
    start(3);
    support::FaultPlan chance(5);
    const auto pack = store(peer(2), large_commit(14, 2'500'000).pack);
    auto here = std::make_shared<std::atomic<bool>>(false);
    for (int i = 0; i < 3'000; ++i) {
        if (i == 1'000)
            peer(1).exchange->want({pack}, std::nullopt, [here](KeptPacks) { *here = true; });
        peer(1).exchange->on_message(key_of_peer(0), codec::encode(any_message(chance)));
    }
    EXPECT_TRUE(comes_true([&] { return here->load(); }));
    EXPECT_EQ(peer(1).packs.list()->size(), 1u);
    const auto small = push(peer(2), make_commit("hello").pack, forge::RepositoryId(1), 1'000);
    EXPECT_TRUE(comes_true([&] { return peer(1).holds(small.digest); }));
}

}  // namespace
}  // namespace ashlar::validator
