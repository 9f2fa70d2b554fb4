#include "consensus/block_tree.h"

#include <algorithm>

namespace ashlar::consensus {

BlockEntry* BlockTree::find(const BlockDigest& digest) {
    auto found = entries_.find(digest);
    return found == entries_.end() ? nullptr : &found->second;
}

const BlockEntry* BlockTree::find(const BlockDigest& digest) const {
    auto found = entries_.find(digest);
    return found == entries_.end() ? nullptr : &found->second;
}

BlockEntry& BlockTree::add(Bytes bytes, const BlockSummary& summary, View view) {
    auto [found, fresh] = entries_.try_emplace(summary.digest);
    BlockEntry& entry = found->second;
    if (fresh) {
        entry.bytes = std::move(bytes);
        entry.summary = summary;
    }
    entry.view = std::max(entry.view, view);
    return entry;
}

void BlockTree::prune(Height height, View view) {
    std::erase_if(entries_, [&](const auto& pair) {
        return pair.second.summary.height <= height || pair.second.view <= view;
    });
}

BlockTree::Path BlockTree::path(const BlockDigest& from, const BlockDigest& root,
                                Height root_height) const {
    Path path;
    BlockDigest at = from;
    while (!(at == root)) {
        const BlockEntry* entry = find(at);
        if (entry == nullptr) {
            path.missing = at;
            return path;
        }
        bool descends = entry->summary.height > root_height;
        if (!path.digests.empty()) {
            const BlockEntry* child = find(path.digests.back());
            descends = descends && entry->summary.height < child->summary.height;
        }
        if (!descends) return path;
        path.digests.push_back(at);
        at = entry->summary.parent;
    }
    path.reaches_root = true;
    return path;
}

}  // namespace ashlar::consensus
