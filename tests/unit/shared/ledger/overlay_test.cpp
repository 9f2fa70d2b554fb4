#include "ledger/overlay.h"

#include <gtest/gtest.h>

#include "support/memory_key_value.h"
#include "support/seeded_random.h"

namespace ashlar::ledger {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows scan_all(const KeyValueReader& reader, std::string_view from = {}, std::string_view to = {}) {
    Rows rows;
    EXPECT_TRUE(reader.scan(as_bytes(from), as_bytes(to), [&](ByteView key, ByteView value) {
        rows.emplace_back(as_text(key), as_text(value));
        return true;
    }));
    return rows;
}

std::shared_ptr<support::MemoryKeyValue> store_of(const Rows& rows) {
    auto store = std::make_shared<support::MemoryKeyValue>();
    WriteBatch batch;
    for (const auto& [key, value] : rows) batch.put(as_bytes(key), as_bytes(value));
    EXPECT_TRUE(store->commit(batch, Durability::buffered));
    return store;
}

TEST(Overlay, reads_its_changes_first_and_its_parent_below) {
    Overlay overlay(store_of({{"a", "1"}, {"b", "2"}}));
    overlay.put(as_bytes("b"), as_bytes("new"));
    overlay.put(as_bytes("c"), as_bytes("3"));
    overlay.remove(as_bytes("a"));
    EXPECT_EQ(*overlay.get(as_bytes("a")), std::nullopt);
    EXPECT_EQ(**overlay.get(as_bytes("b")), to_bytes("new"));
    EXPECT_EQ(**overlay.get(as_bytes("c")), to_bytes("3"));
    EXPECT_EQ(scan_all(overlay), (Rows{{"b", "new"}, {"c", "3"}}));
}

TEST(Overlay, scans_only_the_range_and_stops_when_told) {
    Overlay overlay(store_of({{"a", "1"}, {"c", "3"}, {"e", "5"}}));
    overlay.put(as_bytes("b"), as_bytes("2"));
    overlay.put(as_bytes("d"), as_bytes("4"));
    EXPECT_EQ(scan_all(overlay, "b", "d"), (Rows{{"b", "2"}, {"c", "3"}}));
    EXPECT_EQ(scan_all(overlay, "d", "b"), Rows{});
    std::size_t seen = 0;
    ASSERT_TRUE(overlay.scan({}, {}, [&](ByteView, ByteView) { return ++seen < 4; }));
    EXPECT_EQ(seen, 4u);
}

TEST(Overlay, gives_its_changes_as_one_batch_after_which_the_store_reads_the_same) {
    const auto store = store_of({{"a", "1"}, {"b", "2"}});
    Overlay overlay(store);
    overlay.put(as_bytes("c"), as_bytes("3"));
    overlay.remove(as_bytes("a"));
    const Rows before = scan_all(overlay);
    ASSERT_TRUE(store->commit(overlay.write_batch(), Durability::synced));
    EXPECT_EQ(scan_all(*store), before);
    EXPECT_EQ(scan_all(overlay), before);
}

TEST(Overlay, reads_the_same_after_its_parent_is_stored_and_replaced_by_the_store) {
    const auto store = store_of({{"a", "1"}});
    const auto below = std::make_shared<Overlay>(store);
    below->put(as_bytes("b"), as_bytes("2"));
    Overlay above(below);
    above.put(as_bytes("c"), as_bytes("3"));
    const Rows before = scan_all(above);
    ASSERT_TRUE(store->commit(below->write_batch(), Durability::synced));
    above.set_parent(store);
    EXPECT_EQ(scan_all(above), before);
}

TEST(Overlay, reads_as_a_plain_map_would_through_three_levels) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        support::SeededRandom random(seed);
        std::map<std::string, std::string> expected;
        const auto store = std::make_shared<support::MemoryKeyValue>();
        std::shared_ptr<const KeyValueReader> top = store;
        for (int level = 0; level < 3; ++level) {
            const auto overlay = std::make_shared<Overlay>(top);
            for (int i = 0; i < 40; ++i) {
                const std::string key = "k" + std::to_string(random.below(30));
                if (random.one_in(3)) {
                    overlay->remove(as_bytes(key));
                    expected.erase(key);
                } else {
                    const std::string value = std::to_string(random.next());
                    overlay->put(as_bytes(key), as_bytes(value));
                    expected[key] = value;
                }
            }
            top = overlay;
        }
        EXPECT_EQ(scan_all(*top), Rows(expected.begin(), expected.end())) << "seed " << seed;
    }
}

}  // namespace
}  // namespace ashlar::ledger
