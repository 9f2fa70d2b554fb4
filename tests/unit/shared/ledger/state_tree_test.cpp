#include "ledger/state_tree.h"

#include <gtest/gtest.h>

#include <map>

#include "support/memory_key_value.h"
#include "support/seeded_random.h"

namespace ashlar::ledger {
namespace {

constexpr TreeKind kKind = TreeKind::state;
using Map = std::map<crypto::Digest, crypto::Digest>;

ByteView tree_prefix() {
    return as_bytes("t");
}

crypto::Digest digest_of(std::uint64_t number) {
    return crypto::hash("test", as_bytes(std::to_string(number)));
}

// Keys that share all but a few bits, so that pages lie in long chains.
crypto::Digest crowded_key(support::SeededRandom& random) {
    crypto::Digest key;
    key.bytes[static_cast<std::size_t>(random.below(4)) * 10] ^=
        static_cast<Byte>(1u << random.below(8));
    key.bytes[31] = static_cast<Byte>(random.below(4));
    return key;
}

crypto::Digest naive_root(const Map& map) {
    std::vector<TreeEntry> entries;
    for (const auto& [key, value] : map) entries.push_back({key, value});
    return *root_of_entries(kKind, entries);
}

std::size_t row_count(const KeyValueReader& rows) {
    std::size_t count = 0;
    EXPECT_TRUE(rows.scan({}, {}, [&](ByteView, ByteView) { return ++count > 0; }));
    return count;
}

struct Tree {
    std::shared_ptr<support::MemoryKeyValue> store = std::make_shared<support::MemoryKeyValue>();

    TreeRoot update(const std::vector<TreeUpdate>& updates) {
        Overlay overlay(store);
        const auto root = update_tree(kKind, tree_prefix(), overlay, updates);
        EXPECT_TRUE(root);
        EXPECT_TRUE(store->commit(overlay.write_batch(), Durability::buffered));
        return *root;
    }
};

std::vector<TreeUpdate> random_updates(support::SeededRandom& random, bool crowded, Map& map) {
    std::vector<TreeUpdate> updates;
    const std::uint64_t count = random.below(40);
    for (std::uint64_t i = 0; i < count; ++i) {
        const crypto::Digest key = crowded ? crowded_key(random) : digest_of(random.below(300));
        if (random.one_in(3)) {
            updates.push_back({key, std::nullopt});
            map.erase(key);
        } else {
            const crypto::Digest value = digest_of(random.next());
            updates.push_back({key, value});
            map[key] = value;
        }
    }
    return updates;
}

TEST(StateTree, has_the_root_of_a_naive_map_after_any_batches) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        support::SeededRandom random(seed);
        Tree tree;
        Map map;
        for (int batch = 0; batch < 20; ++batch) {
            const std::size_t before = map.size();
            const auto updates = random_updates(random, seed % 2 == 0, map);
            const TreeRoot root = tree.update(updates);
            ASSERT_EQ(root.root, naive_root(map)) << "seed " << seed << " batch " << batch;
            ASSERT_EQ(root.entries_added,
                      static_cast<std::int64_t>(map.size()) - static_cast<std::int64_t>(before));
            ASSERT_EQ(*root_of_tree(kKind, tree_prefix(), *tree.store), root.root);
        }
    }
}

TEST(StateTree, has_one_root_and_the_same_rows_whatever_the_order) {
    support::SeededRandom random(7);
    std::vector<TreeUpdate> updates;
    for (std::uint64_t i = 0; i < 500; ++i) updates.push_back({digest_of(i), digest_of(i + 1000)});
    Tree at_once;
    const crypto::Digest root = at_once.update(updates).root;
    random.shuffle(updates);
    Tree one_by_one;
    for (const TreeUpdate& update : updates) one_by_one.update({update});
    EXPECT_EQ(*root_of_tree(kKind, tree_prefix(), *one_by_one.store), root);
    EXPECT_EQ(row_count(*one_by_one.store), row_count(*at_once.store));
}

TEST(StateTree, keeps_no_row_once_everything_is_removed) {
    support::SeededRandom random(3);
    std::vector<TreeUpdate> updates;
    for (int i = 0; i < 50; ++i) updates.push_back({crowded_key(random), digest_of(1)});
    for (std::uint64_t i = 0; i < 50; ++i) updates.push_back({digest_of(i), digest_of(1)});
    Tree tree;
    tree.update(updates);
    EXPECT_GT(row_count(*tree.store), 1u);
    random.shuffle(updates);
    for (TreeUpdate& update : updates) {
        update.value.reset();
        tree.update({update});
    }
    EXPECT_EQ(row_count(*tree.store), 0u);
    EXPECT_TRUE(root_of_tree(kKind, tree_prefix(), *tree.store)->is_zero());
}

TEST(StateTree, returns_to_its_root_when_an_update_is_undone) {
    Tree tree;
    for (std::uint64_t i = 0; i < 100; ++i) tree.update({{digest_of(i), digest_of(i)}});
    const crypto::Digest root = *root_of_tree(kKind, tree_prefix(), *tree.store);
    EXPECT_NE(tree.update({{digest_of(1000), digest_of(1)}}).root, root);
    EXPECT_EQ(tree.update({{digest_of(1000), std::nullopt}}).root, root);
    EXPECT_EQ(tree.update({}).root, root);
}

TEST(StateTree, leaves_the_overlay_alone_where_a_page_is_damaged) {
    Tree tree;
    std::vector<TreeUpdate> updates;
    for (std::uint64_t i = 0; i < 100; ++i) updates.push_back({digest_of(i), digest_of(i)});
    tree.update(updates);
    WriteBatch damage;
    damage.put(to_bytes(std::string("t\0", 2)), as_bytes("no page"));
    ASSERT_TRUE(tree.store->commit(damage, Durability::buffered));
    Overlay overlay(tree.store);
    const auto result = update_tree(kKind, tree_prefix(), overlay, {{digest_of(1), digest_of(2)}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::corrupt);
    EXPECT_TRUE(overlay.empty());
}

TEST(StateTree, proves_what_is_there_and_what_is_not) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        support::SeededRandom random(seed);
        Tree tree;
        Map map;
        const bool crowded = seed % 2 == 0;
        for (int batch = 0; batch < 5; ++batch) tree.update(random_updates(random, crowded, map));
        const crypto::Digest root = *root_of_tree(kKind, tree_prefix(), *tree.store);
        for (std::uint64_t i = 0; i < 60; ++i) {
            const crypto::Digest key = crowded ? crowded_key(random) : digest_of(i * 7);
            const auto proof = prove_in_tree(kKind, tree_prefix(), *tree.store, key);
            ASSERT_TRUE(proof) << "seed " << seed;
            const auto found = find_in_tree(tree_prefix(), *tree.store, key);
            ASSERT_TRUE(found);
            const auto expected = map.find(key);
            ASSERT_EQ(found->has_value(), expected != map.end());
            if (*found) {
                EXPECT_EQ(**found, expected->second);
                EXPECT_TRUE(verify_inclusion(kKind, root, key, **found, *proof));
                EXPECT_FALSE(verify_inclusion(kKind, root, key, digest_of(i), *proof));
                EXPECT_FALSE(verify_absence(kKind, root, key, *proof));
            } else {
                EXPECT_TRUE(verify_absence(kKind, root, key, *proof));
                EXPECT_FALSE(verify_inclusion(kKind, root, key, digest_of(i), *proof));
            }
        }
    }
}

TEST(StateTree, gives_proofs_of_about_log2_hashes) {
    std::vector<TreeUpdate> updates;
    for (std::uint64_t i = 0; i < 4096; ++i) updates.push_back({digest_of(i), digest_of(i)});
    Tree tree;
    tree.update(updates);
    std::size_t longest = 0;
    std::size_t sum = 0;
    for (std::uint64_t i = 0; i < 256; ++i) {
        const auto proof = prove_in_tree(kKind, tree_prefix(), *tree.store, digest_of(i));
        longest = std::max(longest, proof->steps.size());
        sum += proof->steps.size();
    }
    EXPECT_LE(longest, 30u);
    EXPECT_LE(sum / 256, 15u);
}

}  // namespace
}  // namespace ashlar::ledger
