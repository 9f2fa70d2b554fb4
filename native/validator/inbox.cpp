#include "native/validator/inbox.h"

namespace ashlar::validator {

void Inbox::post(Work work) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return;
        items_.push_back({std::move(work), std::nullopt, 0});
    }
    wake_.notify_one();
}

bool Inbox::post_from(const crypto::PublicKey& peer, std::size_t bytes, Work work) {
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return false;
        Share& share = shares_[peer];
        // One message always fits, however long.
        const bool full = share.messages >= kInboxMessagesPerPeerMax ||
                          (share.messages > 0 && share.bytes + bytes > kInboxBytesPerPeerMax);
        if (full) return false;
        ++share.messages;
        share.bytes += bytes;
        items_.push_back({std::move(work), peer, bytes});
    }
    wake_.notify_one();
    return true;
}

void Inbox::close() {
    std::deque<Item> dropped;
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        dropped.swap(items_);
        shares_.clear();
    }
    wake_.notify_all();
}

std::optional<std::vector<Inbox::Work>> Inbox::take_until(std::optional<Clock::time_point> until) {
    std::unique_lock lock(mutex_);
    const auto has_news = [this] { return closed_ || !items_.empty(); };
    if (until) {
        wake_.wait_until(lock, *until, has_news);
    } else {
        wake_.wait(lock, has_news);
    }
    if (closed_) return std::nullopt;
    std::vector<Work> taken;
    taken.reserve(items_.size());
    for (Item& item : items_) taken.push_back(std::move(item.work));
    items_.clear();
    // All that peers had waiting was taken.
    shares_.clear();
    return taken;
}

}  // namespace ashlar::validator
