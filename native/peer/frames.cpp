#include "native/peer/frames.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::peer {

namespace {

constexpr Byte kLastFrame = 0x80;

}  // namespace

bool FrameQueue::push(Channel channel, SharedMessage message) {
    Lane& lane = lanes_[static_cast<std::size_t>(channel)];
    const ChannelLimits& limits = limits_of(channel);
    ASHLAR_ASSERT(message && message->size() <= limits.message_bytes_max);
    if (lane.bytes + message->size() > limits.queue_bytes_max) return false;
    lane.bytes += message->size();
    lane.messages.push_back(std::move(message));
    return true;
}

bool FrameQueue::empty() const {
    return std::all_of(lanes_.begin(), lanes_.end(),
                       [](const Lane& lane) { return lane.messages.empty(); });
}

Bytes FrameQueue::pop() {
    auto lane = std::find_if(lanes_.begin(), lanes_.end(),
                             [](const Lane& candidate) { return !candidate.messages.empty(); });
    ASHLAR_ASSERT(lane != lanes_.end());
    ByteView rest = ByteView(*lane->messages.front()).subspan(lane->sent_of_first);
    ByteView part = rest.first(std::min(rest.size(), kFrameBytesMax - 1));
    bool last = part.size() == rest.size();
    Bytes frame;
    frame.reserve(part.size() + 1);
    frame.push_back(static_cast<Byte>((lane - lanes_.begin()) | (last ? kLastFrame : 0)));
    append(frame, part);
    lane->sent_of_first += part.size();
    if (last) {
        lane->bytes -= lane->messages.front()->size();
        lane->messages.pop_front();
        lane->sent_of_first = 0;
    }
    return frame;
}

std::size_t FrameQueue::waiting_bytes(Channel channel) const {
    return lanes_[static_cast<std::size_t>(channel)].bytes;
}

std::size_t FrameQueue::waiting_bytes() const {
    std::size_t sum = 0;
    for (const Lane& lane : lanes_) sum += lane.bytes;
    return sum;
}

Expected<std::optional<ReceivedMessage>> FrameAssembler::take(ByteView frame) {
    if (frame.empty()) return fail(ErrorCode::invalid, "an empty frame");
    if (frame.size() == 1 && frame[0] == kKeepAlive) return std::optional<ReceivedMessage>();
    std::size_t number = frame[0] & ~kLastFrame;
    if (number >= kChannelCount) {
        return fail(ErrorCode::invalid, "a frame of channel " + std::to_string(number));
    }
    auto channel = static_cast<Channel>(number);
    Bytes& partial = partial_[number];
    if (partial.size() + frame.size() - 1 > limits_of(channel).message_bytes_max) {
        return fail(ErrorCode::limit_exceeded,
                    "a message of more than " +
                        std::to_string(limits_of(channel).message_bytes_max) +
                        " bytes on channel " + std::to_string(number));
    }
    append(partial, frame.subspan(1));
    if ((frame[0] & kLastFrame) == 0) return std::optional<ReceivedMessage>();
    return std::optional<ReceivedMessage>({channel, std::exchange(partial, {})});
}

}  // namespace ashlar::peer
