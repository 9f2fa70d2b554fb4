#include "ledger/tree_page.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::ledger {

namespace {

using SlotHashes = std::array<std::optional<crypto::Digest>, kPageSlots>;

std::uint8_t bit_at(std::size_t depth, std::size_t level) {
    return static_cast<std::uint8_t>(depth * kPageBits + level);
}

SlotHashes slot_hashes(TreeKind kind, const TreePage& page) {
    SlotHashes hashes;
    for (std::size_t i = 0; i < kPageSlots; ++i) {
        const PageSlot& slot = page.slots[i];
        if (const auto* entry = std::get_if<TreeEntry>(&slot)) {
            hashes[i] = tree_leaf(kind, entry->key, entry->value);
        } else if (const auto* below = std::get_if<crypto::Digest>(&slot)) {
            hashes[i] = *below;
        }
    }
    return hashes;
}

// The hash of the `count` slots from `first`, which a power of two aligns; nothing if all are
// empty. Joined in place, neighbours first, so that nothing recurses.
std::optional<crypto::Digest> joined(TreeKind kind, std::size_t depth, SlotHashes hashes,
                                     std::size_t first, std::size_t count) {
    std::size_t level = kPageBits;
    for (std::size_t width = 1; width < count; width *= 2) {
        --level;
        for (std::size_t i = first; i < first + count; i += 2 * width) {
            std::optional<crypto::Digest>& left = hashes[i];
            const std::optional<crypto::Digest>& right = hashes[i + width];
            if (left && right) {
                left = tree_branch(kind, bit_at(depth, level), *left, *right);
            } else if (right) {
                left = right;
            }
        }
    }
    return hashes[first];
}

bool any_of(const SlotHashes& hashes, std::size_t first, std::size_t count) {
    for (std::size_t i = first; i < first + count; ++i) {
        if (hashes[i]) return true;
    }
    return false;
}

crypto::Digest read_digest(ByteView bytes) {
    crypto::Digest digest;
    std::copy_n(bytes.begin(), crypto::Digest::kSize, digest.bytes.begin());
    return digest;
}

}  // namespace

std::size_t nibble_of(const crypto::Digest& key, std::size_t depth) {
    ASHLAR_ASSERT(depth < kPageDepthMax);
    const Byte byte = key.bytes[depth / 2];
    return depth % 2 == 0 ? std::size_t{byte} >> 4 : std::size_t{byte} & 0xf;
}

void set_nibble(crypto::Digest& key, std::size_t depth, std::size_t nibble) {
    ASHLAR_ASSERT(depth < kPageDepthMax && nibble < kPageSlots);
    Byte& byte = key.bytes[depth / 2];
    byte = depth % 2 == 0 ? static_cast<Byte>((byte & 0x0f) | (nibble << 4))
                          : static_cast<Byte>((byte & 0xf0) | nibble);
}

Bytes page_key(const crypto::Digest& key, std::size_t depth) {
    ASHLAR_ASSERT(depth < kPageDepthMax);
    Bytes row_key;
    row_key.push_back(static_cast<Byte>(depth));
    append(row_key, key.view().first((depth + 1) / 2));
    if (depth % 2 == 1) row_key.back() = static_cast<Byte>(row_key.back() & 0xf0);
    return row_key;
}

crypto::Digest page_hash(TreeKind kind, std::size_t depth, const TreePage& page) {
    return joined(kind, depth, slot_hashes(kind, page), 0, kPageSlots).value_or(crypto::Digest{});
}

PageWalk walk_page(TreeKind kind, std::size_t depth, const TreePage& page,
                   const crypto::Digest& key) {
    const SlotHashes hashes = slot_hashes(kind, page);
    PageWalk walk;
    std::size_t first = 0;
    std::size_t level = 0;
    for (std::size_t half = kPageSlots / 2; half > 0; half /= 2, ++level) {
        const bool left = any_of(hashes, first, half);
        const bool right = any_of(hashes, first + half, half);
        ASHLAR_ASSERT(left || right);
        const std::uint8_t bit = bit_at(depth, level);
        const bool go_right = left && right ? key_bit(key, bit) : right;
        if (left && right) {
            const std::size_t beside = go_right ? first : first + half;
            walk.steps.push_back({bit, *joined(kind, depth, hashes, beside, half)});
        }
        if (go_right) first += half;
    }
    walk.slot = first;
    return walk;
}

std::optional<TreeEntry> lone_entry(const TreePage& page) {
    std::optional<TreeEntry> found;
    for (const PageSlot& slot : page.slots) {
        if (std::holds_alternative<crypto::Digest>(slot)) return std::nullopt;
        if (const auto* entry = std::get_if<TreeEntry>(&slot)) {
            if (found) return std::nullopt;
            found = *entry;
        }
    }
    return found;
}

bool is_empty(const TreePage& page) {
    return std::all_of(page.slots.begin(), page.slots.end(), [](const PageSlot& slot) {
        return std::holds_alternative<std::monostate>(slot);
    });
}

Bytes encode(const TreePage& page) {
    std::uint32_t entries = 0;
    std::uint32_t hashes = 0;
    Bytes entry_bytes;
    Bytes hash_bytes;
    for (std::size_t i = 0; i < kPageSlots; ++i) {
        if (const auto* entry = std::get_if<TreeEntry>(&page.slots[i])) {
            entries |= std::uint32_t{1} << i;
            append(entry_bytes, entry->key.view());
            append(entry_bytes, entry->value.view());
        } else if (const auto* below = std::get_if<crypto::Digest>(&page.slots[i])) {
            hashes |= std::uint32_t{1} << i;
            append(hash_bytes, below->view());
        }
    }
    Bytes bytes;
    append_big_endian_32(bytes, (entries << 16) | hashes);
    append(bytes, entry_bytes);
    append(bytes, hash_bytes);
    return bytes;
}

Expected<TreePage> decode_tree_page(ByteView bytes) {
    constexpr std::size_t kSize = crypto::Digest::kSize;
    if (bytes.size() < 4) return fail(ErrorCode::corrupt, "tree page: too short");
    const std::uint32_t masks = read_big_endian_32(bytes);
    const std::uint32_t entries = masks >> 16;
    const std::uint32_t hashes = masks & 0xffff;
    if ((entries & hashes) != 0) return fail(ErrorCode::corrupt, "tree page: a slot is two things");
    bytes = bytes.subspan(4);
    TreePage page;
    for (std::size_t i = 0; i < kPageSlots; ++i) {
        if (((entries >> i) & 1) == 0) continue;
        if (bytes.size() < 2 * kSize) return fail(ErrorCode::corrupt, "tree page: ends early");
        page.slots[i] = TreeEntry{read_digest(bytes), read_digest(bytes.subspan(kSize))};
        bytes = bytes.subspan(2 * kSize);
    }
    for (std::size_t i = 0; i < kPageSlots; ++i) {
        if (((hashes >> i) & 1) == 0) continue;
        if (bytes.size() < kSize) return fail(ErrorCode::corrupt, "tree page: ends early");
        page.slots[i] = read_digest(bytes);
        bytes = bytes.subspan(kSize);
    }
    if (!bytes.empty()) return fail(ErrorCode::corrupt, "tree page: bytes left over");
    return page;
}

}  // namespace ashlar::ledger
