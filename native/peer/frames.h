// Messages of five channels, cut into frames and put together again.
//
// A frame is at most kFrameBytesMax of plaintext: one byte of channel (the highest bit says that
// the message ends here), then a part of the message. Frames of different channels may alternate;
// those of one channel are in order. On the wire a frame is encrypted, behind its length in 2 bytes
// (big-endian).
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/expected.h"
#include "crypto/noise.h"
#include "native/peer/channel.h"

namespace ashlar::peer {

inline constexpr std::size_t kFrameBytesMax =
    crypto::kNoiseMessageBytesMax - crypto::kNoiseTagBytes;

using SharedMessage = std::shared_ptr<const Bytes>;

// What waits to be sent to one peer.
class FrameQueue {
  public:
    // False where the channel's queue is full: the message is dropped.
    [[nodiscard]] bool push(Channel channel, SharedMessage message);
    bool empty() const;
    // The next frame, of the first channel that has one. The queue may not be empty.
    Bytes pop();
    std::size_t waiting_bytes(Channel channel) const;
    // On all channels.
    std::size_t waiting_bytes() const;

  private:
    struct Lane {
        std::deque<SharedMessage> messages;
        std::size_t sent_of_first = 0;
        std::size_t bytes = 0;  // of all that waits
    };
    std::array<Lane, kChannelCount> lanes_;
};

struct ReceivedMessage {
    Channel channel = Channel::votes;
    Bytes bytes;
};

// Puts messages together again, within the limits of their channels.
class FrameAssembler {
  public:
    // A message, where the frame ends one. Fails with `invalid` on an unknown channel or an empty
    // frame, with `limit_exceeded` where a message grows too long: the connection is then over.
    // A frame that is kKeepAlive alone is no message.
    Expected<std::optional<ReceivedMessage>> take(ByteView frame);

  private:
    std::array<Bytes, kChannelCount> partial_;
};

// A frame of one byte that only says that the peer is alive.
inline constexpr Byte kKeepAlive = 0x7f;

}  // namespace ashlar::peer
