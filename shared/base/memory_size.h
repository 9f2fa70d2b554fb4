// The size of what is to stand in memory: 64 bits in files and messages, 32 in WebAssembly's
// memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "base/expected.h"

namespace ashlar {

// limit_exceeded where this build could not address so many bytes, whatever the caller's limit.
inline Expected<std::size_t> memory_size(std::uint64_t bytes) {
    if (bytes > std::numeric_limits<std::size_t>::max()) {
        return fail(ErrorCode::limit_exceeded,
                    std::to_string(bytes) + " bytes are more than this process can address");
    }
    return static_cast<std::size_t>(bytes);
}

}  // namespace ashlar
