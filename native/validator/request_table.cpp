#include "native/validator/request_table.h"

#include <algorithm>
#include <utility>

namespace ashlar::validator {

codec::PeerRequestId RequestTable::open(const PublicKey& to) {
    const std::lock_guard lock(mutex_);
    last_ = last_.next();
    open_[last_].to = to;
    return last_;
}

void RequestTable::close(codec::PeerRequestId request) {
    const std::lock_guard lock(mutex_);
    open_.erase(request);
}

void RequestTable::answer(const PublicKey& from, codec::PeerRequestId request,
                          codec::PeerMessage message) {
    const std::lock_guard lock(mutex_);
    const auto found = open_.find(request);
    if (found == open_.end() || found->second.to != from || found->second.message) return;
    found->second.message = std::move(message);
    answered_.notify_all();
}

Expected<codec::PeerMessage> RequestTable::wait(codec::PeerRequestId request, Time deadline) {
    std::unique_lock lock(mutex_);
    const auto found = open_.find(request);
    if (found == open_.end()) return fail(ErrorCode::unavailable, "the request was closed");
    const Open& open = found->second;
    answered_.wait_until(lock, deadline,
                         [&] { return stopped_ || open.gone || open.message.has_value(); });
    std::optional<codec::PeerMessage> message = std::move(found->second.message);
    const bool gone = open.gone;
    open_.erase(found);
    if (message) return *std::move(message);
    return fail(ErrorCode::unavailable, gone || stopped_ ? "the validator is no longer connected"
                                                         : "the validator did not answer in time");
}

void RequestTable::peers_changed(const std::vector<PublicKey>& connected) {
    const std::lock_guard lock(mutex_);
    for (auto& [request, open] : open_) {
        if (std::find(connected.begin(), connected.end(), open.to) == connected.end()) {
            open.gone = true;
        }
    }
    answered_.notify_all();
}

void RequestTable::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    answered_.notify_all();
}

}  // namespace ashlar::validator
