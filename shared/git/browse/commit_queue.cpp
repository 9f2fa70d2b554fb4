#include "git/browse/commit_queue.h"

namespace ashlar::git::browse {

void CommitQueue::push(const Item& item) {
    if (seen_.insert(item.id).second) queue_.insert(item);
}

std::optional<CommitQueue::Item> CommitQueue::pop() {
    if (queue_.empty()) return std::nullopt;
    Item item = *queue_.begin();
    queue_.erase(queue_.begin());
    return item;
}

std::vector<ObjectId> CommitQueue::ids() const {
    std::vector<ObjectId> ids;
    ids.reserve(queue_.size());
    for (const Item& item : queue_) ids.push_back(item.id);
    return ids;
}

}  // namespace ashlar::git::browse
