// One page of a stored tree: 16 slots for the 4 key bits that follow the bits the page stands for.
// Private to the ledger's tree.
#pragma once

#include <array>
#include <variant>

#include "ledger/tree_hash.h"

namespace ashlar::ledger {

inline constexpr std::size_t kPageBits = 4;
inline constexpr std::size_t kPageSlots = 16;
inline constexpr std::size_t kPageDepthMax = kTreeKeyBits / kPageBits;

// Nothing, an entry, or the hash of the subtree in the page below.
using PageSlot = std::variant<std::monostate, TreeEntry, crypto::Digest>;

struct TreePage {
    std::array<PageSlot, kPageSlots> slots;
};

// The 4 bits of a key that a page at this depth decides by.
std::size_t nibble_of(const crypto::Digest& key, std::size_t depth);
void set_nibble(crypto::Digest& key, std::size_t depth, std::size_t nibble);

// The end of a page's row key: depth in one byte, then the bits the page stands for.
Bytes page_key(const crypto::Digest& key, std::size_t depth);

// The hash of all that hangs below a page; zero where that is nothing.
crypto::Digest page_hash(TreeKind kind, std::size_t depth, const TreePage& page);

// The way that a search for `key` takes through a page that is not empty, down to a slot.
struct PageWalk {
    struct Step {
        std::uint8_t bit = 0;
        crypto::Digest sibling;
    };
    std::size_t slot = 0;
    std::vector<Step> steps;  // from the top
};
PageWalk walk_page(TreeKind kind, std::size_t depth, const TreePage& page,
                   const crypto::Digest& key);

// The entry that is all that a page holds, where it is: such a page is not kept.
std::optional<TreeEntry> lone_entry(const TreePage& page);
bool is_empty(const TreePage& page);

// A row's value: for each kind of slot a bit mask of 16 bits, then the entries, then the hashes.
Bytes encode(const TreePage& page);
// Fails with `corrupt`.
Expected<TreePage> decode_tree_page(ByteView bytes);

}  // namespace ashlar::ledger
