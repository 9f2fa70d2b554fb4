// Packs that are asked for by their names.
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

TEST_F(ExchangeTest, fetches_a_pack_by_its_name_and_makes_its_own_index) {
    start(2);
    const auto commit = large_commit(1, 5'500'000);
    const auto pack = store(peer(0), commit.pack);
    ASSERT_TRUE(comes(peer(1), pack, 0));
    EXPECT_EQ(peer(1).body(pack.digest), peer(0).body(pack.digest));
    EXPECT_EQ((*peer(1).packs.open(pack.digest))->manifest.index_digest, pack.index_digest);
    EXPECT_EQ(wires_.sent<codec::PackExtentRequest>(1), 6u);
}

TEST_F(ExchangeTest, fetches_once_what_many_want) {
    start(2);
    const auto pack = store(peer(0), large_commit(2, 3'000'000).pack);
    std::atomic<int> here = 0;
    for (int i = 0; i < 20; ++i) {
        peer(1).exchange->want({pack}, key_of_peer(0), [&here](KeptPacks) { ++here; });
    }
    EXPECT_TRUE(comes_true([&] { return here == 20; }));
    EXPECT_EQ(wires_.sent<codec::PackExtentRequest>(1), 3u);
}

TEST_F(ExchangeTest, gets_a_pack_from_others_when_one_lies_about_its_bytes) {
    start(3);
    const auto pack = store(peer(0), large_commit(3, 4'000'000).pack);
    store(peer(2), large_commit(3, 4'000'000).pack);
    wires_.bend([](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from == 0 && is_a<codec::PackExtentAnswer>(message)) message[1'000] ^= 1;
        return message;
    });
    ASSERT_TRUE(comes(peer(1), pack, 0));
    EXPECT_EQ(peer(1).body(pack.digest), peer(2).body(pack.digest));
}

TEST_F(ExchangeTest, gets_a_pack_from_others_when_one_lies_about_its_manifest) {
    start(3);
    const auto pack = store(peer(0), large_commit(4, 100'000).pack);
    store(peer(2), large_commit(4, 100'000).pack);
    const auto other = store(peer(0), large_commit(5, 100'000).pack);
    const auto lie = (*peer(0).packs.open(other.digest))->manifest;
    wires_.bend([lie](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from != 0 || !is_a<codec::PackManifestAnswer>(message)) return message;
        auto answer = std::get<codec::PackManifestAnswer>(*codec::decode_peer_message(message));
        answer.extents = lie.extents;
        return codec::encode(codec::PeerMessage(answer));
    });
    ASSERT_TRUE(comes(peer(1), pack, 0));
    EXPECT_EQ(peer(1).body(pack.digest), peer(2).body(pack.digest));
}

TEST_F(ExchangeTest, gets_a_pack_from_others_when_one_falls_silent_half_way) {
    start(3);
    const auto pack = store(peer(0), large_commit(6, 8'000'000).pack);
    store(peer(2), large_commit(6, 8'000'000).pack);
    std::atomic<int> answers = 0;
    wires_.bend([&answers](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from == 0 && is_a<codec::PackExtentAnswer>(message) && ++answers > 2) {
            return std::nullopt;
        }
        return message;
    });
    ASSERT_TRUE(comes(peer(1), pack, 0));
    EXPECT_EQ(peer(1).body(pack.digest), peer(2).body(pack.digest));
}

TEST_F(ExchangeTest, goes_on_with_others_when_the_one_asked_is_cut_off) {
    start(3);
    const auto pack = store(peer(0), large_commit(7, 2'000'000).pack);
    store(peer(2), large_commit(7, 2'000'000).pack);
    wires_.bend([](std::size_t from, std::size_t to, Bytes message) -> std::optional<Bytes> {
        if (from == 0 || to == 0) return std::nullopt;
        return message;
    });
    auto here = std::make_shared<std::atomic<bool>>(false);
    peer(1).exchange->want({pack}, key_of_peer(0), [here](KeptPacks) { *here = true; });
    connect(1, {2});
    EXPECT_TRUE(comes_true([&] { return here->load(); }));
}

// What one of them says that others need.
struct Needed {
    Needed(TestPeer& at, const forge::PackReference& pack, std::size_t holder) {
        at.exchange->fetcher().want(
            {pack.digest, key_of_peer(holder),
             [asker = std::weak_ptr<const int>(asker)] { return !asker.expired(); },
             [here = here](const Expected<void>& result) {
                 if (result) *here = true;
             },
             0});
    }
    std::shared_ptr<const int> asker = std::make_shared<const int>(0);
    std::shared_ptr<std::atomic<bool>> here = std::make_shared<std::atomic<bool>>(false);
};

TEST_F(ExchangeTest, fetches_from_others_while_one_keeps_everybody_waiting) {
    PackExchangeOptions options = impatient();
    options.fetch.answer_ms_max = 3'600'000;
    options.fetch.threads = 4;
    start(3, options);
    // It names what it alone has, and then sends none of it.
    std::vector<std::unique_ptr<Needed>> slow;
    wires_.bend([](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from == 0 && is_a<codec::PackExtentAnswer>(message)) return std::nullopt;
        return message;
    });
    for (std::uint64_t i = 0; i < 5; ++i) {
        const auto pack = store(peer(0), large_commit(20 + i, 10'000).pack);
        slow.push_back(std::make_unique<Needed>(peer(1), pack, 0));
    }
    EXPECT_TRUE(comes_true([&] { return wires_.sent<codec::PackExtentRequest>(1) >= 2; }));
    Needed honest(peer(1), store(peer(2), large_commit(30, 10'000).pack), 2);
    EXPECT_TRUE(comes_true([&] { return honest.here->load(); }));
    // And if others did the same: what a final block names has a way of its own.
    const auto second = store(peer(0), large_commit(31, 10'000).pack);
    const Needed other(peer(1), second, 2);
    const auto pack = store(peer(2), large_commit(32, 10'000).pack);
    EXPECT_TRUE(comes(peer(1), pack, 2));
}

TEST_F(ExchangeTest, gives_a_download_up_that_nobody_needs_any_more) {
    PackExchangeOptions options = impatient();
    options.fetch.threads = 1;
    start(2, options);
    auto needed =
        std::make_unique<Needed>(peer(1), store(peer(0), large_commit(33, 12'000'000).pack), 0);
    std::atomic<bool> begun = false;
    std::atomic<bool> ended = false;
    wires_.bend([&](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from != 0 || !is_a<codec::PackExtentAnswer>(message)) return message;
        // The first one arrives when nobody waits for it any more.
        begun = true;
        while (!ended) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return message;
    });
    ASSERT_TRUE(comes_true([&] { return begun.load(); }));
    needed.reset();
    ended = true;
    // The only thread is free again.
    const Needed next(peer(1), store(peer(0), make_commit("next").pack), 0);
    EXPECT_TRUE(comes_true([&] { return next.here->load(); }));
    EXPECT_LT(wires_.sent<codec::PackExtentRequest>(1), 12u);
    wires_.bend(nullptr);
}

TEST_F(ExchangeTest, takes_what_comes_slowly_only_where_a_final_block_names_it) {
    PackExchangeOptions options = impatient();
    options.fetch.grace_ms = 0;
    options.fetch.bytes_per_ms_min = 1'000'000'000;
    start(2, options);
    wires_.bend([](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from == 0 && is_a<codec::PackExtentAnswer>(message)) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return message;
    });
    const auto pack = store(peer(0), large_commit(34, 3'000'000).pack);
    const Needed needed(peer(1), pack, 0);
    EXPECT_FALSE(comes_true([&] { return needed.here->load(); }, 1));
    EXPECT_TRUE(comes(peer(1), pack, 0));
}

TEST_F(ExchangeTest, asks_no_more_of_who_sends_slowly_where_others_are_left) {
    PackExchangeOptions options = impatient();
    options.fetch.answer_ms_max = 60'000;
    options.fetch.window = 1;
    options.fetch.grace_ms = 0;
    options.fetch.bytes_per_ms_min = 1'000;
    start(3, options);
    const auto commit = large_commit(35, 30'000'000);
    const auto pack = store(peer(0), commit.pack);
    store(peer(2), commit.pack);
    std::atomic<int> slow = 0;
    wires_.bend([&slow](std::size_t from, std::size_t, Bytes message) -> std::optional<Bytes> {
        if (from == 0 && is_a<codec::PackExtentAnswer>(message)) {
            ++slow;
            std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
        }
        return message;
    });
    EXPECT_TRUE(comes(peer(1), pack, 0));
    EXPECT_LE(slow, 2);
    wires_.bend(nullptr);
}

TEST_F(ExchangeTest, asks_on_until_somebody_has_the_pack_and_says_that_it_seems_lost) {
    start(3);
    const auto commit = large_commit(8, 200'000);
    const auto pack = store(peer(0), commit.pack);
    ASSERT_TRUE(peer(0).packs.remove(pack.digest));
    auto here = std::make_shared<std::atomic<bool>>(false);
    peer(1).exchange->want({pack}, std::nullopt, [here](KeptPacks) { *here = true; });
    EXPECT_TRUE(comes_true([&] { return peer(1).lost > 0; }));
    EXPECT_FALSE(*here);
    store(peer(2), commit.pack);
    EXPECT_TRUE(comes_true([&] { return here->load(); }));
}

}  // namespace
}  // namespace ashlar::validator
