#include "ledger/state_tree.h"

#include <algorithm>
#include <map>

#include "base/assert.h"
#include "ledger/tree_page.h"

namespace ashlar::ledger {

namespace {

Expected<std::optional<TreePage>> read_page(ByteView prefix, const KeyValueReader& rows,
                                            ByteView page) {
    Bytes key = to_bytes(prefix);
    append(key, page);
    ASHLAR_TRY(const auto value, rows.get(key));
    if (!value) return std::nullopt;
    ASHLAR_TRY(TreePage decoded, decode_tree_page(*value));
    return decoded;
}

// The page that a slot's hash promises.
Expected<TreePage> read_page_below(ByteView prefix, const KeyValueReader& rows, ByteView page) {
    ASHLAR_TRY(auto found, read_page(prefix, rows, page));
    if (!found) return fail(ErrorCode::corrupt, "tree page: " + to_hex(page) + " is missing");
    return *found;
}

// The pages that a batch of updates touches, and their write-back.
class TreeEditor {
  public:
    TreeEditor(TreeKind kind, ByteView prefix, Overlay& rows)
        : kind_(kind), prefix_(to_bytes(prefix)), rows_(rows) {}

    Expected<void> put(const TreeEntry& entry);
    Expected<void> remove(const crypto::Digest& key);
    // Hashes from the bottom up and writes the rows.
    TreeRoot finish();

  private:
    struct Loaded {
        std::size_t depth = 0;
        TreePage page;
        crypto::Digest path;  // a key below the page
        bool stored = false;  // there is a row
        bool kept = true;     // there is to be one
        bool dirty = false;
    };

    Expected<Loaded*> load(const crypto::Digest& key, std::size_t depth);
    Loaded& fresh(const crypto::Digest& key, std::size_t depth);
    void write(const Bytes& page, const Loaded& loaded);
    static void collapse(const std::vector<Loaded*>& way);

    TreeKind kind_;
    Bytes prefix_;
    Overlay& rows_;
    std::map<Bytes, Loaded> pages_;  // by page_key(): the deepest come last
    std::int64_t entries_added_ = 0;
};

Expected<TreeEditor::Loaded*> TreeEditor::load(const crypto::Digest& key, std::size_t depth) {
    const Bytes page = page_key(key, depth);
    const auto found = pages_.find(page);
    if (found != pages_.end()) {
        ASHLAR_ASSERT(found->second.kept);
        return &found->second;
    }
    ASHLAR_TRY(auto stored, read_page(prefix_, rows_, page));
    if (!stored && depth > 0) {
        return fail(ErrorCode::corrupt, "tree page: " + to_hex(page) + " is missing");
    }
    Loaded loaded;
    loaded.depth = depth;
    loaded.path = key;
    loaded.stored = stored.has_value();
    if (stored) loaded.page = *stored;
    return &pages_.emplace(page, std::move(loaded)).first->second;
}

TreeEditor::Loaded& TreeEditor::fresh(const crypto::Digest& key, std::size_t depth) {
    Loaded& loaded = pages_[page_key(key, depth)];
    loaded.depth = depth;
    loaded.path = key;
    loaded.page = TreePage{};
    loaded.kept = true;
    loaded.dirty = true;
    return loaded;
}

Expected<void> TreeEditor::put(const TreeEntry& entry) {
    for (std::size_t depth = 0; depth < kPageDepthMax; ++depth) {
        ASHLAR_TRY(Loaded * loaded, load(entry.key, depth));
        loaded->dirty = true;
        PageSlot& slot = loaded->page.slots[nibble_of(entry.key, depth)];
        if (std::holds_alternative<crypto::Digest>(slot)) continue;
        if (auto* there = std::get_if<TreeEntry>(&slot); there && there->key != entry.key) {
            const TreeEntry displaced = *there;
            slot = crypto::Digest{};  // the hash comes with finish()
            Loaded& below = fresh(entry.key, depth + 1);
            below.page.slots[nibble_of(displaced.key, depth + 1)] = displaced;
            continue;
        }
        if (std::holds_alternative<std::monostate>(slot)) ++entries_added_;
        slot = entry;
        return {};
    }
    ASHLAR_ASSERT(false);  // two different keys part somewhere
    return {};
}

Expected<void> TreeEditor::remove(const crypto::Digest& key) {
    std::vector<Loaded*> way;
    for (std::size_t depth = 0; depth < kPageDepthMax; ++depth) {
        ASHLAR_TRY(Loaded * loaded, load(key, depth));
        way.push_back(loaded);
        PageSlot& slot = loaded->page.slots[nibble_of(key, depth)];
        if (std::holds_alternative<crypto::Digest>(slot)) continue;
        const auto* there = std::get_if<TreeEntry>(&slot);
        if (there == nullptr || there->key != key) return {};
        slot = std::monostate{};
        --entries_added_;
        for (Loaded* page : way) page->dirty = true;
        collapse(way);
        return {};
    }
    return {};
}

// A page that holds one entry only is not kept: the entry moves up.
void TreeEditor::collapse(const std::vector<Loaded*>& way) {
    for (std::size_t i = way.size() - 1; i > 0; --i) {
        const std::optional<TreeEntry> lone = lone_entry(way[i]->page);
        if (!lone) return;
        way[i]->kept = false;
        way[i - 1]->page.slots[nibble_of(lone->key, i - 1)] = *lone;
    }
}

void TreeEditor::write(const Bytes& page, const Loaded& loaded) {
    Bytes key = prefix_;
    append(key, page);
    if (loaded.kept && !is_empty(loaded.page)) {
        rows_.put(key, encode(loaded.page));
    } else if (loaded.stored) {
        rows_.remove(key);
    }
}

TreeRoot TreeEditor::finish() {
    TreeRoot result;
    result.entries_added = entries_added_;
    for (auto item = pages_.rbegin(); item != pages_.rend(); ++item) {
        const Loaded& loaded = item->second;
        if (!loaded.dirty && loaded.depth > 0) continue;
        if (loaded.kept) {
            const crypto::Digest hash = page_hash(kind_, loaded.depth, loaded.page);
            if (loaded.depth == 0) {
                result.root = hash;
            } else {
                Loaded& above = pages_.at(page_key(loaded.path, loaded.depth - 1));
                above.page.slots[nibble_of(loaded.path, loaded.depth - 1)] = hash;
            }
        }
        if (loaded.dirty) write(item->first, loaded);
    }
    return result;
}

}  // namespace

Expected<TreeRoot> update_tree(TreeKind kind, ByteView prefix, Overlay& rows,
                               const std::vector<TreeUpdate>& updates) {
    TreeEditor editor(kind, prefix, rows);
    for (const TreeUpdate& update : updates) {
        if (update.value) {
            ASHLAR_CHECK(editor.put({update.key, *update.value}));
        } else {
            ASHLAR_CHECK(editor.remove(update.key));
        }
    }
    if (updates.empty()) {
        ASHLAR_TRY(const crypto::Digest root, root_of_tree(kind, prefix, rows));
        return TreeRoot{root, 0};
    }
    return editor.finish();
}

Expected<crypto::Digest> root_of_tree(TreeKind kind, ByteView prefix, const KeyValueReader& rows) {
    ASHLAR_TRY(const auto page, read_page(prefix, rows, page_key({}, 0)));
    return page ? page_hash(kind, 0, *page) : crypto::Digest{};
}

Expected<std::optional<crypto::Digest>> find_in_tree(ByteView prefix, const KeyValueReader& rows,
                                                     const crypto::Digest& key) {
    ASHLAR_TRY(const auto top, read_page(prefix, rows, page_key(key, 0)));
    if (!top) return std::nullopt;
    TreePage page = *top;
    for (std::size_t depth = 0; depth < kPageDepthMax; ++depth) {
        const PageSlot& slot = page.slots[nibble_of(key, depth)];
        if (!std::holds_alternative<crypto::Digest>(slot)) {
            const auto* entry = std::get_if<TreeEntry>(&slot);
            if (entry == nullptr || entry->key != key) return std::nullopt;
            return entry->value;
        }
        if (depth + 1 == kPageDepthMax) break;
        ASHLAR_TRY(page, read_page_below(prefix, rows, page_key(key, depth + 1)));
    }
    return fail(ErrorCode::corrupt, "tree page: deeper than a key is long");
}

Expected<TreeProof> prove_in_tree(TreeKind kind, ByteView prefix, const KeyValueReader& rows,
                                  const crypto::Digest& key) {
    TreeProof proof;
    crypto::Digest way = key;  // the bits of the pages passed, which part from the key's at absence
    ASHLAR_TRY(const auto top, read_page(prefix, rows, page_key(key, 0)));
    if (!top) return proof;
    TreePage page = *top;
    for (std::size_t depth = 0; depth < kPageDepthMax; ++depth) {
        if (is_empty(page)) return fail(ErrorCode::corrupt, "tree page: is empty");
        const PageWalk walk = walk_page(kind, depth, page, key);
        for (const PageWalk::Step& step : walk.steps) {
            proof.steps.push_back({step.bit, step.sibling});
        }
        set_nibble(way, depth, walk.slot);
        if (const auto* entry = std::get_if<TreeEntry>(&page.slots[walk.slot])) {
            if (entry->key != key) proof.other = *entry;
            std::reverse(proof.steps.begin(), proof.steps.end());
            return proof;
        }
        if (depth + 1 == kPageDepthMax) break;
        ASHLAR_TRY(page, read_page_below(prefix, rows, page_key(way, depth + 1)));
    }
    return fail(ErrorCode::corrupt, "tree page: deeper than a key is long");
}

}  // namespace ashlar::ledger
