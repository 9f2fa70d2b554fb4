// Deltas between objects (gitformat-pack, "deltified representation"): two sizes, then copies from
// the base and literal bytes.
#pragma once

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::git {

struct DeltaHeader {
    std::uint64_t base_size = 0;
    std::uint64_t result_size = 0;
    std::size_t length = 0;  // of this header, in bytes
};

// Fails with `invalid` where the bytes begin no delta.
Expected<DeltaHeader> parse_delta_header(ByteView delta);

// The result of the delta, written into `result`, which the caller has made result_size long
// (after he checked that size against his limits). Fails with `invalid` where the delta does not
// fit the base, copies from beyond it, or gives another number of bytes than it says.
Expected<void> apply_delta(ByteView base, ByteView delta, std::span<Byte> result);

// As above, into a buffer of its own. Fails with `limit_exceeded`, before anything is allocated,
// where the result would have more than `result_size_max` bytes.
Expected<Bytes> apply_delta(ByteView base, ByteView delta, std::uint64_t result_size_max);

}  // namespace ashlar::git
