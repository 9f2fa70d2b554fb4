#include "native/api/told_stream.h"

#include <utility>

namespace ashlar::native {

namespace {
constexpr std::string_view kKeepalive = "0005\1";  // a packet of pack data without any
}  // namespace

void MadeProgress::begin(git::SideBand side_band, bool silent) {
    {
        const std::lock_guard lock(mutex_);
        seen_ = {side_band, silent, git::FetchPhase::enumerating, 0, 0};
    }
    making_ = true;
}

void MadeProgress::report(git::FetchPhase phase, std::uint64_t done, std::uint64_t total) {
    const std::lock_guard lock(mutex_);
    seen_.phase = phase;
    seen_.done = done;
    seen_.total = total;
}

Bytes MadeProgress::packets(Told& told, Clock::time_point now) const {
    if (!making_) return {};
    Seen seen;
    {
        const std::lock_guard lock(mutex_);
        seen = seen_;
    }
    Bytes packets;
    if (seen.side_band == git::SideBand::none) return packets;
    if (!seen.silent) {
        std::string line = git::progress_line(seen.phase, seen.done, seen.total);
        if (line != told.line) {
            git::append_side_band(packets, seen.side_band, git::SideBandChannel::progress,
                                  as_bytes(line + "\r"));
            told.line = std::move(line);
        }
    }
    if (packets.empty() && now - told.at >= kSilenceMax) packets = to_bytes(kKeepalive);
    if (!packets.empty()) told.at = now;
    return packets;
}

ToldStream::ToldStream(std::optional<Chunk> head, std::unique_ptr<ChunkStream> rest,
                       std::shared_ptr<const MadeProgress> progress)
    : beginning_(std::make_shared<Beginning>()), rest_(std::move(rest)) {
    beginning_->head = std::move(head);
    beginning_->progress = std::move(progress);
}

Expected<std::optional<Chunk>> ToldStream::next() {
    if (second_) {
        auto second = *std::move(second_);
        second_.reset();
        return second;
    }
    if (went_on_) return rest_->next();
    // The head is not given out before this has come: whatever packets() gives goes out first.
    auto second = rest_->next();
    went_on_ = true;
    const std::lock_guard lock(beginning_->mutex);
    beginning_->is_over = true;
    if (!beginning_->head) return second;
    second_ = std::move(second);
    return std::exchange(beginning_->head, std::nullopt);
}

std::function<Bytes()> ToldStream::packets() const {
    return [beginning = beginning_] {
        const std::lock_guard lock(beginning->mutex);
        Bytes packets;
        if (beginning->is_over) return packets;
        if (beginning->head) {
            const Bytes* head = std::get_if<Bytes>(&*beginning->head);
            if (head == nullptr) return packets;  // it goes out with what follows
            packets = *head;
            beginning->head.reset();
        }
        append(packets, beginning->progress->packets(beginning->told, MadeProgress::Clock::now()));
        return packets;
    };
}

}  // namespace ashlar::native
