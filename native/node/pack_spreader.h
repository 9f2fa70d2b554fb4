// How a pack that is being pushed reaches the other validators while it arrives. A node without
// others has no spreader.
#pragma once

#include <memory>

#include "forge/records.h"
#include "git/pack/pack_receiver.h"

namespace ashlar::node {

// One push's pack. Nothing here blocks or fails: who is too slow to follow asks for the stored pack
// by its name. Destroyed before stored() was said, the push was refused.
class PackSpread {
  public:
    virtual ~PackSpread() = default;
    // Bytes that the client sent, and which were taken into the staging.
    virtual void arrived(ByteView bytes) = 0;
    // All has arrived; from here on the staging is rewritten.
    virtual void ended() = 0;
    // It is durable here under this name. A small pack leaves at once, ahead of the transaction.
    virtual void stored(const forge::PackReference& pack, const git::ReceivedPack& received) = 0;
};

class PackSpreader {
  public:
    virtual ~PackSpreader() = default;
    // The staging outlives what is returned, or is published before stored() is said.
    virtual std::unique_ptr<PackSpread> begin(forge::RepositoryId repository,
                                              const git::PackStaging& staging) = 0;
};

}  // namespace ashlar::node
