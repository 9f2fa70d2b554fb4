#include "chain/snapshot.h"

#include "chain_harness.h"
#include "ledger/storage_keys.h"

namespace ashlar::chain {
namespace {

struct Row {
    Bytes key;
    Bytes value;
};

forge::PackReference pack(Byte number) {
    forge::PackReference reference;
    reference.digest.digest.bytes.fill(number);
    reference.size = 100;
    reference.object_count = 3;
    return reference;
}

// A network with two repositories, refs in both, and packs.
class SnapshotTest : public testing::Test {
  protected:
    SnapshotTest() {
        const auto hello = chain_.repository("hello");
        const auto other = chain_.repository("other");
        for (Byte number = 1; number <= 40; ++number) {
            const auto name = "refs/heads/b" + std::to_string(number);
            auto push =
                chain_.push(number % 2 == 0 ? hello : other, name, std::nullopt, object(number));
            push.pack = pack(number);
            chain_.run_one(push);
        }
        height_ = chain_.tip().header.height;
    }

    std::vector<Row> rows(std::size_t value_part_max = ~std::size_t{0}) {
        std::vector<Row> rows;
        SnapshotCursor cursor;
        const auto reader = chain_.store->snapshot();
        // As a server that stops wherever it likes: one row at a time, and long values in parts.
        while (true) {
            std::optional<Row> next;
            bool cut = false;
            EXPECT_TRUE(scan_snapshot(*reader, height_, cursor, [&](ByteView key, ByteView value) {
                cut = value.size() > value_part_max;
                next = Row{to_bytes(key), to_bytes(cut ? value.first(value_part_max) : value)};
                return false;
            }));
            if (!next) return rows;
            const bool goes_on = cursor.value_offset > 0;
            if (goes_on) {
                EXPECT_EQ(rows.back().key, next->key);
                append(rows.back().value, next->value);
            } else {
                rows.push_back(*next);
            }
            cursor.from = next->key;
            cursor.value_offset = cut ? rows.back().value.size() : 0;
            if (!cut) cursor.from.push_back(0);
        }
    }

    Expected<void> write(KeyValue& store, const std::vector<Row>& rows) {
        const auto finalized = certified_head(*chain_.store);
        EXPECT_TRUE(finalized);
        ASHLAR_TRY(const auto writer, SnapshotWriter::start(store, test_genesis(), *finalized));
        for (const Row& row : rows) ASHLAR_CHECK(writer->add(row.key, row.value));
        ASHLAR_CHECK(writer->check());
        return writer->finish();
    }

    ChainHarness chain_;
    ledger::Height height_;
};

TEST_F(SnapshotTest, makes_a_store_that_goes_on_as_the_one_it_is_of) {
    support::MemoryKeyValue store;
    ASSERT_TRUE(write(store, rows()));
    EXPECT_FALSE(*holds_partial_snapshot(store));
    for (const std::string_view prefix : {"s", "t", "r", "q", "p"}) {
        std::vector<std::pair<Bytes, Bytes>> theirs;
        EXPECT_TRUE(chain_.store->scan_prefix(as_bytes(prefix), [&](ByteView key, ByteView value) {
            theirs.emplace_back(to_bytes(key), to_bytes(value));
            return true;
        }));
        std::size_t at = 0;
        EXPECT_TRUE(store.scan_prefix(as_bytes(prefix), [&](ByteView key, ByteView value) {
            EXPECT_LT(at, theirs.size());
            EXPECT_EQ(theirs[at].first, to_bytes(key)) << prefix;
            EXPECT_EQ(theirs[at].second, to_bytes(value)) << prefix;
            return ++at < theirs.size();
        }));
        EXPECT_EQ(at, theirs.size()) << prefix;
    }
    const StateReader reader(store.snapshot());
    EXPECT_EQ(reader.head()->height, height_);
    EXPECT_TRUE(reader.block(height_)->finalization);
    EXPECT_EQ(reader.block(height_)->block, chain_.reader().block(height_)->block);
}

TEST_F(SnapshotTest, comes_in_parts_of_any_size) {
    support::MemoryKeyValue store;
    ASSERT_TRUE(write(store, rows(7)));
    EXPECT_EQ(StateReader(store.snapshot()).head()->height, height_);
}

TEST_F(SnapshotTest, takes_the_place_of_what_was_there_before) {
    ChainHarness old(test_genesis());
    old.repository("gone");
    old.account("gone");
    ASSERT_TRUE(write(*old.store, rows()));
    EXPECT_EQ(old.reader().repository("operator", "gone").error().code, ErrorCode::not_found);
    EXPECT_EQ(old.reader().repository("operator", "hello")->name, "hello");
    EXPECT_EQ(old.tip().header.height, height_);
}

TEST_F(SnapshotTest, with_any_row_left_out_changed_or_added_is_refused) {
    const std::vector<Row> all = rows();
    ASSERT_GT(all.size(), 100u);
    for (std::size_t i = 0; i < all.size(); ++i) {
        // What a node's own lists of packs say is proven by the packs.
        if (all[i].key.front() == 'p') continue;
        std::vector<Row> without = all;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        support::MemoryKeyValue first;
        EXPECT_FALSE(write(first, without)) << i;
        EXPECT_TRUE(*holds_partial_snapshot(first));
        EXPECT_FALSE(load_tip(std::shared_ptr<const KeyValueReader>(first.snapshot())));
        if (all[i].value.empty()) continue;
        std::vector<Row> changed = all;
        changed[i].value.back() = static_cast<Byte>(changed[i].value.back() ^ 1);
        support::MemoryKeyValue second;
        EXPECT_FALSE(write(second, changed)) << i;
    }
    std::vector<Row> added = all;
    added.push_back({to_bytes("szzz"), Bytes(1)});
    support::MemoryKeyValue third;
    EXPECT_FALSE(write(third, added));
}

TEST_F(SnapshotTest, with_rows_out_of_place_is_refused) {
    const std::vector<Row> all = rows();
    std::vector<Row> swapped = all;
    std::swap(swapped[3], swapped[4]);
    std::vector<Row> foreign = all;
    foreign.push_back({to_bytes("zzz"), Bytes(1)});
    std::vector<Row> stray_pack = all;
    stray_pack.insert(stray_pack.begin() + 1,
                      {ledger::storage_key(ledger::storage_prefix::kRepositoryPack, 0, 1),
                       codec::encode(pack(9))});
    for (const auto& bad : {swapped, foreign, stray_pack}) {
        support::MemoryKeyValue store;
        EXPECT_FALSE(write(store, bad));
    }
}

TEST_F(SnapshotTest, that_was_cut_short_begins_again) {
    support::MemoryKeyValue store;
    std::vector<Row> half = rows();
    half.resize(half.size() / 2);
    EXPECT_FALSE(write(store, half));
    EXPECT_TRUE(*holds_partial_snapshot(store));
    ASSERT_TRUE(write(store, rows()));
    EXPECT_EQ(StateReader(store.snapshot()).head()->height, height_);
}

TEST(Snapshot, of_a_network_that_has_only_its_genesis_there_is_none) {
    const ChainHarness chain;
    EXPECT_EQ(certified_head(*chain.store).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace ashlar::chain
