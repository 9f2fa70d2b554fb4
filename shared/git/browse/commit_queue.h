// Commits still to be looked at, the latest by its committer's clock first, each once.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "git/object/object_id.h"

namespace ashlar::git::browse {

class CommitQueue {
  public:
    struct Item {
        std::int64_t committed_s = 0;
        ObjectId id;
    };

    // Does nothing where the commit was in the queue before.
    void push(const Item& item);
    bool knows(const ObjectId& id) const { return seen_.count(id) != 0; }
    std::optional<Item> pop();
    bool empty() const { return queue_.empty(); }
    std::size_t size() const { return queue_.size(); }
    // In the order in which they would be popped.
    std::vector<ObjectId> ids() const;

  private:
    struct Before {
        bool operator()(const Item& left, const Item& right) const {
            if (left.committed_s != right.committed_s) return left.committed_s > right.committed_s;
            return left.id < right.id;
        }
    };
    std::set<Item, Before> queue_;
    std::set<ObjectId> seen_;
};

}  // namespace ashlar::git::browse
