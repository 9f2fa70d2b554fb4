#include "git/pack/delta_family.h"

#include "git/pack/delta.h"

namespace ashlar::git {
namespace {

constexpr std::size_t kScratchMax = std::size_t{4} << 20;

}  // namespace

Expected<void> DeltaFamilyResolver::resolve(std::uint32_t root,
                                            std::vector<ResolvedDelta>& resolved) {
    ASHLAR_CHECK(push_root(root));
    while (!path_.empty()) {
        if (has_child(path_.back())) {
            ASHLAR_CHECK(resolve_next_child(resolved));
        } else {
            give_up(path_.back());
            path_.pop_back();
        }
    }
    return {};
}

Expected<void> DeltaFamilyResolver::push_root(std::uint32_t root) {
    const ReceivedEntry& entry = forest_.entry(root);
    type_ = entry.type;
    path_.clear();
    held_bytes_ = 0;
    if (entry.size > limits_.object_size_max) {
        return fail(ErrorCode::limit_exceeded,
                    "the base of a delta has " + std::to_string(entry.size) + " bytes, more than " +
                        std::to_string(limits_.object_size_max));
    }
    ASHLAR_CHECK(make_room(entry.size));
    ASHLAR_CHECK(count_work(entry.size));
    Bytes content;
    auto header = entries_.read(pack_, entry.offset, forest_.length(root), entry.size, content);
    if (!header) return broken(root, header.error());
    push(root, entry.id, std::move(content));
    return {};
}

void DeltaFamilyResolver::push(std::uint32_t entry, const ObjectId& id, Bytes content) {
    held_bytes_ += content.size();
    path_.push_back({entry, forest_.offset_children(entry), forest_.reference_children(id),
                     std::move(content), true});
}

bool DeltaFamilyResolver::has_child(const Node& node) {
    return !node.offset_children.empty() || !node.reference_children.empty();
}

// Those by reference first: the last by distance is the heaviest, and is worked on when its base
// need not be held any longer.
bool DeltaFamilyResolver::take_child(Node& node, std::uint32_t& child) {
    if (!node.reference_children.empty()) {
        child = node.reference_children.front().entry;
        node.reference_children = node.reference_children.subspan(1);
    } else if (!node.offset_children.empty()) {
        child = node.offset_children.front();
        node.offset_children = node.offset_children.subspan(1);
    } else {
        return false;
    }
    return true;
}

Expected<void> DeltaFamilyResolver::resolve_next_child(std::vector<ResolvedDelta>& resolved) {
    ASHLAR_CHECK(restore_last());
    std::uint32_t child = 0;
    Node& node = path_.back();
    if (!take_child(node, child)) return {};
    if (path_.size() > limits_.depth_max) {
        return fail(ErrorCode::limit_exceeded,
                    "a delta chain is longer than " + std::to_string(limits_.depth_max));
    }
    ASHLAR_TRY(Bytes content, make(node.content, child, 0));
    if (!has_child(node)) give_up(node);
    ASHLAR_TRY(ObjectId id, object_id_of(type_, content));
    ASHLAR_CHECK(findings_.check(id, type_, content));
    resolved.push_back({id, child, node.entry, type_});
    if (forest_.has_children(child, id)) push(child, id, std::move(content));
    return {};
}

Expected<void> DeltaFamilyResolver::restore_last() {
    std::size_t last = path_.size() - 1;
    if (path_[last].held) return {};
    std::size_t from = last;
    while (from > 0 && !path_[from].held) --from;
    Bytes content;
    const ReceivedEntry& root = forest_.entry(path_[0].entry);
    ASHLAR_CHECK(make_room(path_[from].held ? path_[from].content.size() : root.size));
    // To make room, this one may have been given up as well.
    if (path_[from].held) {
        content = path_[from].content;
    } else {
        from = 0;
        ASHLAR_CHECK(make_room(root.size));
        ASHLAR_CHECK(count_work(root.size));
        auto header =
            entries_.read(pack_, root.offset, forest_.length(path_[0].entry), root.size, content);
        if (!header) return broken(path_[0].entry, header.error());
    }
    while (from < last) {
        ++from;
        ASHLAR_TRY(content, make(content, path_[from].entry, content.size()));
    }
    held_bytes_ += content.size();
    path_[last].content = std::move(content);
    path_[last].held = true;
    return {};
}

Expected<Bytes> DeltaFamilyResolver::make(const Bytes& base, std::uint32_t delta_entry,
                                          std::uint64_t uncounted_bytes) {
    const ReceivedEntry& entry = forest_.entry(delta_entry);
    // Sizes were checked against the limits when the entry came.
    ASHLAR_CHECK(count_work(entry.size + forest_.length(delta_entry)));
    auto header = entries_.read(pack_, entry.offset, forest_.length(delta_entry),
                                limits_.object_size_max, delta_);
    if (!header) return broken(delta_entry, header.error());
    ASHLAR_CHECK(make_room(uncounted_bytes + delta_.size() + entry.size));
    auto content = apply_delta(base, delta_, limits_.object_size_max);
    if (!content) return broken(delta_entry, content.error());
    if (delta_.capacity() > kScratchMax) delta_ = Bytes();
    return content;
}

void DeltaFamilyResolver::give_up(Node& node) {
    if (!node.held) return;
    held_bytes_ -= node.content.size();
    node.content = Bytes();
    node.held = false;
}

Expected<void> DeltaFamilyResolver::make_room(std::uint64_t bytes) {
    for (std::size_t i = 0; i + 1 < path_.size() && held_bytes_ + bytes > limits_.memory_max; ++i) {
        give_up(path_[i]);
    }
    if (held_bytes_ + bytes <= limits_.memory_max) return {};
    return fail(ErrorCode::limit_exceeded,
                "resolving a delta takes " + std::to_string(held_bytes_ + bytes) +
                    " bytes of memory, more than " + std::to_string(limits_.memory_max));
}

Expected<void> DeltaFamilyResolver::count_work(std::uint64_t bytes) {
    work_bytes_ += bytes;
    if (work_bytes_ <= limits_.work_bytes_max) return {};
    return fail(ErrorCode::limit_exceeded, "resolving the deltas takes more than " +
                                               std::to_string(limits_.work_bytes_max) + " bytes");
}

Unexpected DeltaFamilyResolver::broken(std::uint32_t entry, const Error& error) const {
    // The bytes are the pusher's, read back: what does not fit is his pack, not our disk.
    ErrorCode code = error.code == ErrorCode::corrupt ? ErrorCode::invalid : error.code;
    return fail(code, "the pack entry at " + std::to_string(forest_.entry(entry).offset) + ": " +
                          error.detail);
}

}  // namespace ashlar::git
