#include "native/peer/frames.h"

#include <gtest/gtest.h>

namespace ashlar::peer {
namespace {

SharedMessage message(std::size_t size, Byte value = 7) {
    return std::make_shared<const Bytes>(size, value);
}

TEST(Frames, put_together_what_was_cut) {
    FrameQueue queue;
    FrameAssembler assembler;
    std::size_t sizes[] = {0, 1, kFrameBytesMax - 1, kFrameBytesMax, 3 * kFrameBytesMax + 5};
    for (std::size_t size : sizes) ASSERT_TRUE(queue.push(Channel::resolver, message(size)));
    for (std::size_t size : sizes) {
        std::optional<ReceivedMessage> received;
        while (!received) {
            Bytes frame = queue.pop();
            ASSERT_LE(frame.size(), kFrameBytesMax);
            received = assembler.take(frame).value();
        }
        EXPECT_EQ(received->channel, Channel::resolver);
        EXPECT_EQ(received->bytes, Bytes(size, 7));
    }
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.waiting_bytes(Channel::resolver), 0u);
}

TEST(Frames, let_a_vote_pass_a_pack_that_is_half_sent) {
    FrameQueue queue;
    FrameAssembler assembler;
    ASSERT_TRUE(queue.push(Channel::sync, message(5 * kFrameBytesMax)));
    EXPECT_FALSE(assembler.take(queue.pop()).value());
    ASSERT_TRUE(queue.push(Channel::votes, message(100)));
    auto received = assembler.take(queue.pop()).value();
    ASSERT_TRUE(received);
    EXPECT_EQ(received->channel, Channel::votes);
    while (!queue.empty()) received = assembler.take(queue.pop()).value();
    EXPECT_EQ(received->bytes.size(), 5 * kFrameBytesMax);
}

TEST(Frames, a_full_queue_drops_and_another_channel_goes_on) {
    FrameQueue queue;
    std::size_t size = limits_of(Channel::sync).message_bytes_max;
    std::size_t fits = limits_of(Channel::sync).queue_bytes_max / size;
    for (std::size_t i = 0; i < fits; ++i) ASSERT_TRUE(queue.push(Channel::sync, message(size)));
    EXPECT_FALSE(queue.push(Channel::sync, message(size)));
    EXPECT_TRUE(queue.push(Channel::votes, message(10)));
}

TEST(Frames, refuse_unknown_channels_empty_frames_and_messages_too_long) {
    FrameAssembler assembler;
    EXPECT_EQ(assembler.take({}).error().code, ErrorCode::invalid);
    EXPECT_EQ(assembler.take(Bytes{kChannelCount}).error().code, ErrorCode::invalid);
    EXPECT_FALSE(assembler.take(Bytes{kKeepAlive}).value());
    Bytes frame(limits_of(Channel::votes).message_bytes_max / 2 + 1, 0);
    ASSERT_TRUE(assembler.take(frame));
    EXPECT_EQ(assembler.take(frame).value(), std::nullopt);
    EXPECT_EQ(assembler.take(frame).error().code, ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace ashlar::peer
