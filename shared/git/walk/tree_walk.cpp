#include "git/walk/tree_walk.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/sha1.h"

namespace ashlar::git {

Expected<std::shared_ptr<const Object>> TreeWalk::read_tree(const ObjectId& id) {
    ASHLAR_TRY(std::shared_ptr<const Object> tree, objects_.read(id, kObjectSizeMaxDefault));
    if (tree->type != ObjectType::tree) {
        return fail(ErrorCode::corrupt, "object " + id.hex() + " is a " +
                                            std::string(to_string(tree->type)) +
                                            " where a tree is named");
    }
    return tree;
}

Expected<void> TreeWalk::list(const ObjectId& root, std::uint64_t depth,
                              const std::vector<ObjectId>& beside, std::vector<ObjectId>& to) {
    if (!begins(root, depth, 0)) return {};
    if (filter_.keeps_tree_at(depth)) add(root, to);
    if (!filter_.keeps_entries_at(depth + 1)) return {};
    ASHLAR_CHECK(open(root, depth + 1, beside, 0));
    return run(to);
}

Expected<void> TreeWalk::list_wanted(const ObjectId& root, std::vector<ObjectId>& to) {
    add(root, to);
    if (!filter_.keeps_entries_at(0)) return {};
    ASHLAR_CHECK(open(root, 0, {}, 0));
    return run(to);
}

void TreeWalk::add(const ObjectId& id, std::vector<ObjectId>& to) {
    WalkState& state = *states_.insert(id).value;
    if (state != WalkState::unseen) return;
    state = WalkState::listed;
    to.push_back(id);
}

// Whether the tree has to be looked into: it was not, or it was at a place of which the filter
// keeps less.
bool TreeWalk::begins(const ObjectId& id, std::uint64_t depth, ObjectFilter::SparseState sparse) {
    const WalkState* state = states_.find(id);
    if (state != nullptr && (*state == WalkState::held || *state == WalkState::opaque)) {
        return false;
    }
    if (filter_.depends_on_path()) {
        crypto::Sha1 place(crypto::CollisionDetection::off);
        place.update(id.view()).update(as_bytes(path_));
        place.update(as_bytes(std::to_string(sparse)));
        return places_.insert(ObjectId{*place.finish()});
    }
    if (filter_.depth_limit()) {
        std::uint64_t& least = *depths_.insert(id).value;
        if (least != 0 && least <= depth + 1) return false;
        least = depth + 1;
        return true;
    }
    if (filter_.keeps_every_tree()) return state == nullptr || *state == WalkState::unseen;
    return depths_.insert(id).added;
}

Expected<void> TreeWalk::open(const ObjectId& id, std::uint64_t depth,
                              const std::vector<ObjectId>& beside,
                              ObjectFilter::SparseState sparse) {
    if (frames_.size() == kTreeDepthMax) {
        return fail(
            ErrorCode::limit_exceeded,
            "trees are nested more than " + std::to_string(kTreeDepthMax) + " deep at " + id.hex());
    }
    ASHLAR_TRY(std::shared_ptr<const Object> tree, read_tree(id));
    Frame frame{tree, TreeReader(tree->content), depth, {}, path_.size(), sparse};
    open_bytes_ += tree->content.size();
    for (const ObjectId& other : beside) ASHLAR_CHECK(open_beside(other, frame));
    frames_.push_back(std::move(frame));
    if (open_bytes_ > kOpenTreeBytesMax) {
        return fail(ErrorCode::limit_exceeded, "trees of more than " +
                                                   std::to_string(kOpenTreeBytesMax) +
                                                   " bytes lie above " + id.hex());
    }
    return {};
}

// What the client's tree holds at this path is what deltas can be based on, and need not be sent.
Expected<void> TreeWalk::open_beside(const ObjectId& id, Frame& frame) {
    WalkState* state = states_.find(id);
    if (state == nullptr || *state == WalkState::unseen) return {};
    ASHLAR_TRY(std::shared_ptr<const Object> tree, read_tree(id));
    if (*state == WalkState::opaque) {
        *state = WalkState::held;
        TreeReader reader(tree->content);
        while (true) {
            ASHLAR_TRY(std::optional<TreeEntryView> entry, reader.next());
            if (!entry) break;
            if (entry->is_gitlink()) continue;
            auto known = states_.insert(entry->id);
            if (!known.added && *known.value != WalkState::unseen) continue;
            *known.value = entry->is_tree() ? WalkState::opaque : WalkState::held;
        }
    }
    open_bytes_ += tree->content.size();
    Cursor cursor{tree, TreeReader(tree->content), std::nullopt};
    ASHLAR_TRY(cursor.entry, cursor.reader.next());
    frame.beside.push_back(std::move(cursor));
    return {};
}

Expected<void> TreeWalk::run(std::vector<ObjectId>& to) {
    while (!frames_.empty()) {
        ASHLAR_TRY(std::optional<TreeEntryView> entry, frames_.back().reader.next());
        if (!entry) {
            close();
        } else if (entry->is_tree()) {
            ASHLAR_CHECK(take_tree(*entry, to));
        } else if (!entry->is_gitlink()) {
            ASHLAR_CHECK(take_blob(*entry, to));
        }
    }
    return {};
}

void TreeWalk::close() {
    Frame& frame = frames_.back();
    open_bytes_ -= frame.tree->content.size();
    for (const Cursor& cursor : frame.beside) open_bytes_ -= cursor.tree->content.size();
    frames_.pop_back();
    // The path ends with the name of the tree that was closed: take that away, too.
    if (!frames_.empty()) path_.resize(frames_.back().path_size);
}

Expected<void> TreeWalk::take_tree(const TreeEntryView& entry, std::vector<ObjectId>& to) {
    Frame& frame = frames_.back();
    const std::uint64_t depth = frame.depth;
    ObjectFilter::SparseState sparse = frame.sparse;
    // The entry's name lies in the tree that the frame holds; the path is put back by close().
    if (filter_.depends_on_path()) {
        path_.append(entry.name);
        sparse = filter_.folder_state(path_, sparse);
        path_.push_back('/');
    }
    const bool is_begun = begins(entry.id, depth, sparse);
    if (is_begun && filter_.keeps_tree_at(depth)) add(entry.id, to);
    if (!is_begun || !filter_.keeps_entries_at(depth + 1)) {
        path_.resize(frame.path_size);
        return {};
    }
    ASHLAR_TRY(std::vector<ObjectId> beside, trees_beside(frame, entry.name));
    return open(entry.id, depth + 1, beside, sparse);
}

Expected<void> TreeWalk::take_blob(const TreeEntryView& entry, std::vector<ObjectId>& to) {
    const Frame& frame = frames_.back();
    const WalkState* known = states_.find(entry.id);
    if (known != nullptr && *known != WalkState::unseen) return {};
    if (!filter_.keeps_blobs_at(frame.depth)) return {};
    if (filter_.depends_on_path()) {
        path_.append(entry.name);
        const bool keeps = filter_.keeps_path(path_, frame.sparse);
        path_.resize(frame.path_size);
        if (!keeps) return {};
    }
    if (std::optional<std::uint64_t> limit = filter_.blob_size_limit()) {
        ASHLAR_TRY(ObjectInfo info, objects_.info(entry.id));
        if (info.size >= *limit) return {};
    }
    add(entry.id, to);
    return {};
}

// Trees of one name come in the same order in all trees, so each cursor only ever moves forward.
Expected<std::vector<ObjectId>> TreeWalk::trees_beside(Frame& frame, std::string_view name) {
    std::vector<ObjectId> result;
    for (Cursor& cursor : frame.beside) {
        while (cursor.entry &&
               tree_entry_before(cursor.entry->name, cursor.entry->is_tree(), name, true)) {
            ASHLAR_TRY(cursor.entry, cursor.reader.next());
        }
        if (!cursor.entry || !cursor.entry->is_tree() || cursor.entry->name != name) continue;
        if (std::find(result.begin(), result.end(), cursor.entry->id) == result.end()) {
            result.push_back(cursor.entry->id);
        }
    }
    return result;
}

Expected<void> TreeWalk::hold(const ObjectId& root) {
    std::vector<ObjectId> pending{root};
    while (!pending.empty()) {
        const ObjectId id = pending.back();
        pending.pop_back();
        WalkState& state = *states_.insert(id).value;
        if (state == WalkState::held || state == WalkState::listed) continue;
        state = WalkState::held;
        ASHLAR_TRY(std::shared_ptr<const Object> tree, read_tree(id));
        TreeReader reader(tree->content);
        while (true) {
            ASHLAR_TRY(std::optional<TreeEntryView> entry, reader.next());
            if (!entry) break;
            if (entry->is_gitlink()) continue;
            if (entry->is_tree()) {
                pending.push_back(entry->id);
            } else {
                *states_.insert(entry->id).value = WalkState::held;
            }
        }
    }
    return {};
}

}  // namespace ashlar::git
