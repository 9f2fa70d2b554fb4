// Histories made at random, and the plainest code that says what reaches what.
#pragma once

#include <algorithm>
#include <set>
#include <vector>

#include "git/object/commit.h"
#include "git/object/tag.h"
#include "support/memory_objects.h"
#include "support/seeded_random.h"

namespace ashlar::git {

// The same by the shortest code there is: everything that can be reached.
inline std::set<ObjectId> closure(MemoryObjects& objects, const std::vector<ObjectId>& from) {
    std::set<ObjectId> seen;
    std::vector<ObjectId> pending = from;
    while (!pending.empty()) {
        const ObjectId id = pending.back();
        pending.pop_back();
        if (!seen.insert(id).second) continue;
        auto object = objects.read(id, kObjectSizeMaxDefault).value();
        if (object->type == ObjectType::commit) {
            CommitLinks links = parse_commit_links(object->content).value();
            pending.push_back(links.tree);
            pending.insert(pending.end(), links.parents.begin(), links.parents.end());
        } else if (object->type == ObjectType::tag) {
            pending.push_back(parse_tag(object->content)->target.id);
        } else if (object->type == ObjectType::tree) {
            TreeReader reader(object->content);
            while (auto entry = reader.next().value()) pending.push_back(entry->id);
        }
    }
    return seen;
}

inline std::size_t below(support::SeededRandom& random, std::size_t limit) {
    return static_cast<std::size_t>(random.below(limit));
}

// A history of merges and reverts, whose dates run backwards now and then.
inline std::vector<ObjectId> random_history(MemoryObjects& objects, support::SeededRandom& random) {
    std::vector<ObjectId> blobs;
    for (int i = 0; i < 12; ++i) blobs.push_back(objects.blob("blob " + std::to_string(i)));
    auto pick = [&](const std::vector<ObjectId>& from) { return from[below(random, from.size())]; };
    auto folder = [&]() {
        return objects.tree({{kModeBlob, "x", pick(blobs)}, {kModeBlob, "y", pick(blobs)}});
    };
    std::vector<ObjectId> folders{folder(), folder(), folder()};
    std::vector<ObjectId> commits;
    const std::size_t count = 5 + below(random, 40);
    for (std::size_t i = 0; i < count; ++i) {
        if (random.one_in(2)) folders.push_back(folder());
        ObjectId nested = objects.tree({{kModeTree, "in", pick(folders)}});
        ObjectId root = objects.tree({{kModeTree, "a", pick(folders)},
                                      {kModeTree, "b", random.one_in(3) ? nested : folders[0]},
                                      {kModeBlob, "c", pick(blobs)}});
        std::vector<ObjectId> parents;
        for (std::size_t p = below(random, 3); p > 0 && !commits.empty(); --p) {
            const std::size_t back = std::min<std::size_t>(commits.size(), 1 + below(random, 4));
            const ObjectId& parent = commits[commits.size() - back];
            if (std::count(parents.begin(), parents.end(), parent) == 0) parents.push_back(parent);
        }
        const std::int64_t skew = random.one_in(10) ? -30 : 0;
        commits.push_back(objects.commit(
            root, parents, 1000 + static_cast<std::int64_t>(i) * 10 + skew, std::to_string(i)));
    }
    return commits;
}

}  // namespace ashlar::git
