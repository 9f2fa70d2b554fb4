// Tells replicas what is new, as soon as a block is applied here (docs/formats.md, "Sync"): every
// newest header, and of the repositories that they hold what changed, with its proof.
//
// One thread makes each message once, for all who hold the repository. Blocks that become final
// while it works are told together. Only what anybody may see is told.
#pragma once

#include <memory>

#include "codec/sync.h"
#include "native/http/web_socket.h"
#include "native/node/node.h"

namespace ashlar::native {

class SyncFeed {
  public:
    // The node outlives this.
    explicit SyncFeed(node::Node& node);
    // Every listener is gone before.
    ~SyncFeed();
    SyncFeed(const SyncFeed&) = delete;
    SyncFeed& operator=(const SyncFeed&) = delete;

    // For one replica.
    std::unique_ptr<http::SocketListener> listen();

  private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace ashlar::native
