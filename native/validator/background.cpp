#include "native/validator/background.h"

namespace ashlar::validator {

Background::Background() : thread_([this] { run(); }) {}

Background::~Background() {
    stop();
}

void Background::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        items_.clear();
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool Background::post(const crypto::PublicKey& peer, std::size_t bytes, Work work) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return false;
        Share& share = shares_[peer];
        // One always fits, however large.
        const bool full = share.jobs >= kBackgroundJobsPerPeerMax ||
                          (share.jobs > 0 && share.bytes + bytes > kBackgroundBytesPerPeerMax);
        if (full) return false;
        ++share.jobs;
        share.bytes += bytes;
        items_.push_back({std::move(work), peer, bytes});
    }
    wake_.notify_one();
    return true;
}

void Background::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return stopping_ || !items_.empty(); });
        if (stopping_) return;
        const Item item = std::move(items_.front());
        items_.pop_front();
        lock.unlock();
        item.work();
        lock.lock();
        Share& share = shares_[item.peer];
        --share.jobs;
        share.bytes -= item.bytes;
    }
}

}  // namespace ashlar::validator
