// Commits and how they are linked, read once each and kept for the walks of one request.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "git/object/commit.h"
#include "git/object/object_source.h"
#include "git/pack/pack_catalog.h"
#include "git/walk/object_id_map.h"

namespace ashlar::git {

// A commit's number within one CommitGraph, in the order in which commits were first met.
using CommitIndex = std::uint32_t;

struct GraphCommit {
    ObjectId id;
    ObjectId tree;
    std::int64_t committed_seconds = 0;
    std::vector<CommitIndex> parents;  // none where the commit is cut
};

// How many commits one request may walk.
inline constexpr std::size_t kCommitsMax = 20'000'000;
// How many tags may stand between a ref and what it finally names.
inline constexpr std::size_t kTagDepthMax = 1000;

// What a name finally points to, and the tags on the way there, outermost first.
struct Peeled {
    ObjectId id;
    ObjectType type = ObjectType::blob;
    std::vector<ObjectId> tags;
};

class CommitGraph {
  public:
    // With `packs`, those that the objects come from, commits are read from the packs' graphs where
    // these have them, which spares the inflating.
    explicit CommitGraph(ObjectSource& objects, std::shared_ptr<const PackCatalog> packs = nullptr)
        : objects_(objects), packs_(std::move(packs)) {}

    // Takes the parents of this commit away for all reads that follow: history is shallow there.
    void cut(const ObjectId& id);

    // The number of a commit, without reading it.
    Expected<CommitIndex> index_of(const ObjectId& id);
    const ObjectId& id_of(CommitIndex index) const { return commits_[index].commit.id; }
    // Reads the commit, the first time. The reference is valid until the next call.
    Expected<const GraphCommit*> load(CommitIndex index);
    std::size_t size() const { return commits_.size(); }

    // Follows tags. Fails with `not_found` where an object on the way is missing.
    Expected<Peeled> peel(const ObjectId& id);
    // The commit that the id, peeled, is; nothing where it is none.
    Expected<std::optional<CommitIndex>> commit_of(const ObjectId& id);

    ObjectSource& objects() const { return objects_; }

  private:
    struct Node {
        GraphCommit commit;
        bool loaded = false;
    };
    Expected<CommitLinks> read_links(const ObjectId& id);
    // Nothing where no graph has the commit.
    Expected<std::optional<CommitLinks>> find_links(const ObjectId& id) const;

    ObjectSource& objects_;
    std::shared_ptr<const PackCatalog> packs_;
    ObjectIdMap<CommitIndex> indexes_;
    std::vector<Node> commits_;
    ObjectIdSet cuts_;
};

// A queue of commits, newest first; of two of the same second, the one that was met first.
class CommitQueue {
  public:
    explicit CommitQueue(CommitGraph& graph) : graph_(graph) {}
    // Reads the commit for its date.
    Expected<void> push(CommitIndex index);
    CommitIndex pop();
    CommitIndex top() const { return heap_.front().index; }
    std::int64_t top_seconds() const { return heap_.front().seconds; }
    bool empty() const { return heap_.empty(); }
    std::size_t size() const { return heap_.size(); }

  private:
    struct Entry {
        std::int64_t seconds;
        CommitIndex index;
    };
    static bool later(const Entry& left, const Entry& right);
    CommitGraph& graph_;
    std::vector<Entry> heap_;
};

}  // namespace ashlar::git
