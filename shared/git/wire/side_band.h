// The side band: one answer that carries pack data, progress for the person at the terminal, and a
// last fatal message (gitprotocol-capabilities, "side-band, side-band-64k").
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/chunk_stream.h"

namespace ashlar::git {

enum class SideBandChannel : std::uint8_t { data = 1, progress = 2, fatal = 3 };

// The value is the largest payload of one packet behind the channel's byte: git sends packets of
// 1000 and of 65520 bytes.
enum class SideBand : std::uint32_t { none = 0, small = 995, large = 65515 };

// Cuts the content into as many packets as it needs. The side band is not `none`.
void append_side_band(Bytes& to, SideBand side_band, SideBandChannel channel, ByteView content);

// What goes out on the data channel, and what is shown around it.
struct SideBandBody {
    std::unique_ptr<ChunkStream> stream;
    std::string before;                  // empty: nothing
    std::function<std::string()> after;  // asked for when the stream has ended; null: nothing
};

// Frames an answer: the head as it is; then the body on the data channel, stored ranges staying
// ranges so that a host may send them without copying; then the tail as it is. An error of the
// body other than `needs_data` is told to the client on the fatal channel, and then returned, but
// for what is the client's own doing. Without a side band the body goes as it is.
struct SideBandParts {
    Bytes head;
    SideBandBody body;
    Bytes tail;
    // Gives the body when the head has been taken; null: the body is here. After `needs_data` it is
    // called again.
    std::function<Expected<SideBandBody>()> make_body = nullptr;
};
std::unique_ptr<ChunkStream> frame_in_side_band(SideBand side_band, SideBandParts parts);

// An answer that is whole already.
std::unique_ptr<ChunkStream> stream_of(Bytes bytes);

}  // namespace ashlar::git
