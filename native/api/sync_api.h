// What a replica reads, one by one (docs/formats.md, "Sync"). All but the checkpoints is immutable
// and named by what it contains, so that any cache may hold it for good:
//
//   GET /sync/checkpoint                                     FinalizedHeader, the newest
//   GET /sync/repositories/{owner}/{repo}/checkpoint         RepositoryCheckpoint
//                                        /refs/{refs root}   RefList
//                                        /packs/{digest}/manifest, /index, /extents/{number}
//                                        /objects/{id}       "<type> <size>", a NUL, the content
//
// A WebSocket at /sync tells unasked what is new (native/api/sync_feed.h).
#pragma once

#include <optional>
#include <variant>

#include "codec/sync.h"
#include "native/http/http_handler.h"
#include "native/node/node.h"

namespace ashlar::native {

inline constexpr std::string_view kSyncPrefix = "/sync";
// Objects that are larger come as extents of their packs.
inline constexpr std::uint64_t kSyncObjectBytesMax = std::uint64_t{32} << 20;

// The repository as the view shows it, with its proof.
Expected<codec::RepositoryCheckpoint> checkpoint_of(const node::RepositoryView& view,
                                                    const codec::RepositoryName& name);

class SyncApi {
  public:
    // The node outlives this.
    explicit SyncApi(const node::Node& node) : node_(node) {}

    // The path begins with kSyncPrefix.
    std::variant<http::HttpReply, http::HttpPlan> start(const api::Request& request) const;

  private:
    const node::Node& node_;
};

}  // namespace ashlar::native
