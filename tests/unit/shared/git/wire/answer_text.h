// Answers as text, for tests: packets as lines, so that what a client gets can be read.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "base/chunk_stream.h"
#include "git/wire/pkt_line.h"

namespace ashlar::git {

inline Bytes drain(ChunkStream& stream) {
    Bytes all;
    while (true) {
        Expected<std::optional<Chunk>> chunk = stream.next();
        EXPECT_TRUE(chunk) << chunk.error().message();
        if (!chunk || !chunk->has_value()) return all;
        if (const Bytes* bytes = std::get_if<Bytes>(&**chunk)) {
            append(all, *bytes);
        } else {
            const StoredRange& range = std::get<StoredRange>(**chunk);
            Bytes stored(static_cast<std::size_t>(range.length));
            EXPECT_TRUE(range.source->read(range.offset, stored));
            append(all, stored);
        }
    }
}

// Each packet on a line of its own; "--" for a flush, "++" for a delimiter.
inline std::string packets_of(ByteView answer) {
    std::string text;
    PacketReader reader(answer);
    while (true) {
        Expected<std::optional<Packet>> packet = reader.next();
        EXPECT_TRUE(packet) << packet.error().message();
        if (!packet || !packet->has_value()) return text;
        if ((*packet)->is_flush()) text += "--";
        if ((*packet)->is_delimiter()) text += "++";
        text += (*packet)->line();
        text += "\n";
    }
}

inline std::string packets_of(const Expected<std::unique_ptr<ChunkStream>>& answer) {
    if (!answer) return answer.error().message();
    return packets_of(drain(**answer));
}

// A request from lines: "--" and "++" stand for marks.
inline Bytes request_of(std::initializer_list<std::string> lines) {
    Bytes request;
    for (const std::string& line : lines) {
        if (line == "--") {
            append_flush(request);
        } else if (line == "++") {
            append_delimiter(request);
        } else {
            append_line(request, line);
        }
    }
    return request;
}

}  // namespace ashlar::git
