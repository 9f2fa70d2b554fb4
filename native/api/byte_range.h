// A part of an answer, as a client that resumes a download asks for it (RFC 9110, section 14).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/chunk_stream.h"

namespace ashlar::native {

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t length = 0;
};

enum class RangeKind : std::uint8_t {
    none,           // all of it: no range was asked for, or none that is served here
    part,           // one range, and it lies within
    unsatisfiable,  // it lies outside
};

struct AskedRange {
    RangeKind kind = RangeKind::none;
    ByteRange range;
};

// "bytes=0-99", "bytes=100-", "bytes=-20". Several ranges at once are answered as if there were
// none, which is allowed.
AskedRange parse_range(std::string_view header, std::uint64_t size);

std::uint64_t size_of(const std::vector<Chunk>& parts);
// That range of what the parts are together, which holds it.
std::unique_ptr<ChunkStream> stream_of_range(std::vector<Chunk> parts, ByteRange range);
// The same of a stream that has to be read from its start.
std::unique_ptr<ChunkStream> stream_of_range(std::unique_ptr<ChunkStream> whole, ByteRange range);

}  // namespace ashlar::native
