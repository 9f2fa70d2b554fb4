// A long answer (a pack, an archive), pulled by its host piece by piece: nobody ever holds all of
// it, and a slow reader holds nothing but its own stream.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "base/bytes.h"
#include "base/expected.h"
#include "base/random_access.h"

namespace ashlar {

// A range of something stored, which a host may send without copying (sendfile).
struct StoredRange {
    std::shared_ptr<const RandomAccess> source;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

using Chunk = std::variant<Bytes, StoredRange>;

class ChunkStream {
  public:
    virtual ~ChunkStream() = default;
    // The next piece (never empty), or nothing at the end. With `needs_data` the host fetches what
    // the source noted down and calls again; any other error ends the stream.
    virtual Expected<std::optional<Chunk>> next() = 0;
};

}  // namespace ashlar
