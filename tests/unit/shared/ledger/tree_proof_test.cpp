#include "ledger/tree_proof.h"

#include <gtest/gtest.h>

#include "ledger/state_tree.h"
#include "support/memory_key_value.h"

namespace ashlar::ledger {
namespace {

constexpr TreeKind kKind = TreeKind::refs;

crypto::Digest digest_of(std::uint64_t number) {
    return crypto::hash("test", as_bytes(std::to_string(number)));
}

struct Fixture {
    std::shared_ptr<Overlay> rows =
        std::make_shared<Overlay>(std::make_shared<support::MemoryKeyValue>());
    crypto::Digest root;

    explicit Fixture(std::uint64_t count) {
        std::vector<TreeUpdate> updates;
        for (std::uint64_t i = 0; i < count; ++i) updates.push_back({digest_of(i), digest_of(i)});
        root = update_tree(kKind, {}, *rows, updates)->root;
    }
    TreeProof prove(const crypto::Digest& key) const {
        return *prove_in_tree(kKind, {}, *rows, key);
    }
};

// Flips every bit of every byte, and cuts and lengthens: whatever still decodes must not verify.
template <typename Verify>
void expect_every_mutation_refused(const TreeProof& proof, const Verify& verify) {
    const Bytes encoded = encode(proof);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            Bytes changed = encoded;
            changed[i] = static_cast<Byte>(changed[i] ^ (1 << bit));
            const auto decoded = decode_tree_proof(changed);
            EXPECT_FALSE(decoded && verify(*decoded)) << "byte " << i << " bit " << bit;
        }
        EXPECT_FALSE(decode_tree_proof(ByteView(encoded).first(i)));
    }
    Bytes longer = encoded;
    longer.push_back(0);
    EXPECT_FALSE(decode_tree_proof(longer));
}

TEST(TreeProof, comes_back_from_its_encoding) {
    const Fixture fixture(50);
    for (const std::uint64_t number : {1, 100}) {
        const TreeProof proof = fixture.prove(digest_of(number));
        EXPECT_EQ(*decode_tree_proof(encode(proof)), proof);
    }
}

TEST(TreeProof, of_inclusion_is_refused_with_any_byte_changed) {
    for (const std::uint64_t count : {1, 2, 50}) {
        const Fixture fixture(count);
        const crypto::Digest key = digest_of(count - 1);
        expect_every_mutation_refused(fixture.prove(key), [&](const TreeProof& proof) {
            return verify_inclusion(kKind, fixture.root, key, key, proof).has_value();
        });
    }
}

TEST(TreeProof, of_absence_is_refused_with_any_byte_changed) {
    for (const std::uint64_t count : {0, 1, 2, 50}) {
        const Fixture fixture(count);
        const crypto::Digest key = digest_of(1000);
        ASSERT_TRUE(verify_absence(kKind, fixture.root, key, fixture.prove(key)));
        expect_every_mutation_refused(fixture.prove(key), [&](const TreeProof& proof) {
            return verify_absence(kKind, fixture.root, key, proof).has_value();
        });
    }
}

TEST(TreeProof, of_one_tree_serves_neither_another_kind_of_tree_nor_another_key) {
    const Fixture fixture(50);
    const crypto::Digest key = digest_of(3);
    const TreeProof proof = fixture.prove(key);
    EXPECT_TRUE(verify_inclusion(kKind, fixture.root, key, key, proof));
    EXPECT_FALSE(verify_inclusion(TreeKind::state, fixture.root, key, key, proof));
    EXPECT_FALSE(verify_inclusion(kKind, fixture.root, digest_of(4), digest_of(4), proof));
    EXPECT_FALSE(verify_inclusion(kKind, Fixture(51).root, key, key, proof));
}

TEST(TreeProof, of_absence_cannot_be_made_from_a_leaf_that_lies_elsewhere) {
    const Fixture fixture(50);
    const crypto::Digest present = digest_of(3);
    for (std::uint64_t i = 0; i < 50; ++i) {
        if (i == 3) continue;
        TreeProof proof = fixture.prove(digest_of(i));
        proof.other = TreeEntry{digest_of(i), digest_of(i)};
        EXPECT_FALSE(verify_absence(kKind, fixture.root, present, proof));
    }
}

TEST(RootOfEntries, refuses_a_key_that_stands_twice) {
    EXPECT_FALSE(
        root_of_entries(kKind, {{digest_of(1), {}}, {digest_of(2), {}}, {digest_of(1), {}}}));
    EXPECT_TRUE(root_of_entries(kKind, {})->is_zero());
}

TEST(RootOfEntries, is_that_of_the_tree_with_these_entries) {
    for (const std::uint64_t count : {1, 2, 3, 17, 300}) {
        std::vector<TreeEntry> entries;
        for (std::uint64_t i = 0; i < count; ++i) entries.push_back({digest_of(i), digest_of(i)});
        EXPECT_EQ(*root_of_entries(kKind, entries), Fixture(count).root);
    }
}

}  // namespace
}  // namespace ashlar::ledger
