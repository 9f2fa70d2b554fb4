// What is hashed in an authenticated tree, and how.
//
// The tree is a binary radix tree over 256-bit keys, path-compressed: a branch stands only where
// two keys part, and says at which bit. So its shape, and with it the root, follows from the set of
// entries alone, in whatever order they came. Hashes are BLAKE2b-256 with a domain for each kind of
// tree and each kind of node:
//
//   key    = H("<tree> key", name)         a state path, or a repository's id and a ref's name
//   value  = H("<tree> value", content)
//   leaf   = H("<tree> leaf", key value)
//   branch = H("<tree> branch", bit left right)     bit in one byte, 0 the first of the key
//   the root of the empty tree is 32 zero bytes
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "crypto/digest.h"

namespace ashlar::ledger {

inline constexpr std::size_t kTreeKeyBits = 256;

// A hash of one kind of tree never stands for another's.
enum class TreeKind : std::uint8_t { state, refs };

crypto::Digest tree_key(TreeKind kind, ByteView name);
crypto::Digest tree_value(TreeKind kind, ByteView content);
crypto::Digest tree_leaf(TreeKind kind, const crypto::Digest& key, const crypto::Digest& value);
crypto::Digest tree_branch(TreeKind kind, std::uint8_t bit, const crypto::Digest& left,
                           const crypto::Digest& right);

// Bit `index` of a key, counted from the most significant bit of the first byte.
bool key_bit(const crypto::Digest& key, std::size_t index);
// How many leading bits two different keys share.
std::size_t common_bits(const crypto::Digest& left, const crypto::Digest& right);

struct TreeEntry {
    crypto::Digest key;
    crypto::Digest value;
    friend bool operator==(const TreeEntry&, const TreeEntry&) = default;
};

// The root of the tree that holds exactly these entries, in any order. Fails with `invalid` where a
// key stands twice. This is how a reader checks that a list of refs leaves nothing out.
Expected<crypto::Digest> root_of_entries(TreeKind kind, std::vector<TreeEntry> entries);

}  // namespace ashlar::ledger
