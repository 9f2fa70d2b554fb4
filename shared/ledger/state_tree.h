// The authenticated tree, kept in KeyValue rows.
//
// Rows are pages: a page stands for the first 4 x depth bits of the keys below it, wherever two or
// more entries share them, and has 16 slots for the next 4 bits; a slot is empty, one entry, or the
// hash of the page below. A million entries are five pages deep. Pages change in place: the rows
// are those of one state, the final one, and of blocks beyond it in their overlays; a reader of the
// final state takes a snapshot.
//
// The same class keeps the state's tree and each repository's refs tree.
#pragma once

#include <memory>
#include <vector>

#include "ledger/overlay.h"
#include "ledger/tree_proof.h"

namespace ashlar::ledger {

struct TreeUpdate {
    crypto::Digest key;
    std::optional<crypto::Digest> value;  // absent: remove the entry
};

struct TreeRoot {
    crypto::Digest root;
    // How much the number of entries changed.
    std::int64_t entries_added = 0;
};

// Writes the updates into the tree whose rows begin with `prefix`. A key that stands twice takes
// its last value; removing what is not there changes nothing. Fails with `corrupt` where a page
// does not decode, or as the reader fails; the overlay is then unchanged.
Expected<TreeRoot> update_tree(TreeKind kind, ByteView prefix, Overlay& rows,
                               const std::vector<TreeUpdate>& updates);

Expected<crypto::Digest> root_of_tree(TreeKind kind, ByteView prefix, const KeyValueReader& rows);

// The value's hash under a key; nothing where it is absent.
Expected<std::optional<crypto::Digest>> find_in_tree(ByteView prefix, const KeyValueReader& rows,
                                                     const crypto::Digest& key);

// Proves that the key is there, with the value that find_in_tree() gives, or that it is not.
Expected<TreeProof> prove_in_tree(TreeKind kind, ByteView prefix, const KeyValueReader& rows,
                                  const crypto::Digest& key);

}  // namespace ashlar::ledger
