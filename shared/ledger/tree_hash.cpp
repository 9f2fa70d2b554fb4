#include "ledger/tree_hash.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::ledger {

namespace {

struct Domains {
    std::string_view key;
    std::string_view value;
    std::string_view leaf;
    std::string_view branch;
};

constexpr Domains kStateDomains{"ashlar state key", "ashlar state value", "ashlar state leaf",
                                "ashlar state branch"};
constexpr Domains kRefsDomains{"ashlar refs key", "ashlar refs value", "ashlar refs leaf",
                               "ashlar refs branch"};

const Domains& domains_of(TreeKind kind) {
    return kind == TreeKind::state ? kStateDomains : kRefsDomains;
}

// A subtree whose place is not known before its right neighbour is: `bit` is where the two part.
struct Pending {
    crypto::Digest hash;
    std::size_t bit = 0;
};

}  // namespace

crypto::Digest tree_key(TreeKind kind, ByteView name) {
    return crypto::hash(domains_of(kind).key, name);
}

crypto::Digest tree_value(TreeKind kind, ByteView content) {
    return crypto::hash(domains_of(kind).value, content);
}

crypto::Digest tree_leaf(TreeKind kind, const crypto::Digest& key, const crypto::Digest& value) {
    std::array<Byte, 2 * crypto::Digest::kSize> input{};
    std::copy(key.bytes.begin(), key.bytes.end(), input.begin());
    std::copy(value.bytes.begin(), value.bytes.end(), input.begin() + crypto::Digest::kSize);
    return crypto::hash(domains_of(kind).leaf, input);
}

crypto::Digest tree_branch(TreeKind kind, std::uint8_t bit, const crypto::Digest& left,
                           const crypto::Digest& right) {
    std::array<Byte, 1 + 2 * crypto::Digest::kSize> input{};
    input[0] = bit;
    std::copy(left.bytes.begin(), left.bytes.end(), input.begin() + 1);
    std::copy(right.bytes.begin(), right.bytes.end(), input.begin() + 1 + crypto::Digest::kSize);
    return crypto::hash(domains_of(kind).branch, input);
}

bool key_bit(const crypto::Digest& key, std::size_t index) {
    ASHLAR_ASSERT(index < kTreeKeyBits);
    return ((key.bytes[index / 8] >> (7 - index % 8)) & 1) != 0;
}

std::size_t common_bits(const crypto::Digest& left, const crypto::Digest& right) {
    std::size_t index = 0;
    while (index < crypto::Digest::kSize && left.bytes[index] == right.bytes[index]) ++index;
    std::size_t bits = index * 8;
    while (bits < kTreeKeyBits && key_bit(left, bits) == key_bit(right, bits)) ++bits;
    return bits;
}

Expected<crypto::Digest> root_of_entries(TreeKind kind, std::vector<TreeEntry> entries) {
    if (entries.empty()) return crypto::Digest{};
    std::sort(entries.begin(), entries.end(),
              [](const TreeEntry& left, const TreeEntry& right) { return left.key < right.key; });
    // From left to right: whatever parts from its neighbour deeper down is joined first.
    std::vector<Pending> pending;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        crypto::Digest hash = tree_leaf(kind, entries[i].key, entries[i].value);
        const bool last = i + 1 == entries.size();
        const std::size_t bit = last ? 0 : common_bits(entries[i].key, entries[i + 1].key);
        if (bit == kTreeKeyBits) return fail(ErrorCode::invalid, "a key stands twice in the tree");
        while (!pending.empty() && (last || pending.back().bit > bit)) {
            hash = tree_branch(kind, static_cast<std::uint8_t>(pending.back().bit),
                               pending.back().hash, hash);
            pending.pop_back();
        }
        pending.push_back({hash, bit});
    }
    ASHLAR_ASSERT(pending.size() == 1);
    return pending.back().hash;
}

}  // namespace ashlar::ledger
