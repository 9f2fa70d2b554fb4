// A proof that a tree holds an entry, or does not: the hashes beside the way from a leaf to the
// root, about log2(entries) of them.
//
// That a key is absent is shown by the leaf at which the search for it ends: at every branch on the
// way the two keys go the same way, so if the key were in the tree, it would be there.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "ledger/tree_hash.h"

namespace ashlar::ledger {

struct TreeProof {
    struct Step {
        std::uint8_t bit = 0;
        crypto::Digest sibling;
        friend bool operator==(const Step&, const Step&) = default;
    };
    // Another leaf, for absence; nothing where the key's own leaf is proven, and in the empty tree.
    std::optional<TreeEntry> other;
    std::vector<Step> steps;  // from the leaf to the root: bits strictly decrease

    friend bool operator==(const TreeProof&, const TreeProof&) = default;
};

// Fails with `invalid`, saying which check failed, unless the tree with this root holds exactly
// this value under the key.
Expected<void> verify_inclusion(TreeKind kind, const crypto::Digest& root,
                                const crypto::Digest& key, const crypto::Digest& value,
                                const TreeProof& proof);

// Fails with `invalid` unless the tree with this root holds nothing under the key.
Expected<void> verify_absence(TreeKind kind, const crypto::Digest& root, const crypto::Digest& key,
                              const TreeProof& proof);

// The compact form that is stored and sent: a flag, the other entry, a count, the steps. Decoding
// accepts exactly what encoding gives; fails with `invalid`.
Bytes encode(const TreeProof& proof);
Expected<TreeProof> decode_tree_proof(ByteView bytes);

}  // namespace ashlar::ledger
