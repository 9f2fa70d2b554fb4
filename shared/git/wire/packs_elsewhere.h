// packfile-uris: the large packs of a clone come from addresses of their own, which caches can
// serve, and the answer itself brings what is left (gitprotocol-v2, "fetch").
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/chunk_stream.h"
#include "git/wire/fetch_request.h"
#include "git/wire/upload_pack.h"

namespace ashlar::git {

// A smaller pack is sent at once: another request would cost more.
inline constexpr std::uint64_t kPackElsewhereSizeMin = std::uint64_t{1} << 20;

// A pack that the client gets from another address, and what its bytes hash to.
struct PackElsewhere {
    std::string checksum;  // its trailer, in hexadecimal digits
    std::string uri;
};

struct CloneFromElsewhere {
    std::vector<PackElsewhere> packs;
    std::unique_ptr<ChunkStream> rest;  // a pack of all that those do not hold
};

// Nothing where the client has not asked for it or wants less than everything, where something is
// held that no ref reaches, or where no pack is large enough. The client has nothing yet.
Expected<std::optional<CloneFromElsewhere>> clone_from_elsewhere(const RepositoryView& repository,
                                                                 const FetchRequest& request);

}  // namespace ashlar::git
