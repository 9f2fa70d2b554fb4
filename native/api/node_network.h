// What the pages and REST show of the network: the node's word on the agreement that it takes part
// in, and what its final state says.
#pragma once

#include "api/network.h"
#include "native/node/node.h"

namespace ashlar::native {

class NodeNetwork final : public api::Network {
  public:
    // The node outlives this.
    explicit NodeNetwork(const node::Node& node) : node_(node) {}

    Expected<api::NetworkStatus> status() override;
    std::shared_ptr<const chain::StateReader> state() override { return node_.state(); }
    Expected<std::vector<codec::EvidenceRecord>> evidence(std::size_t count_max) override;

  private:
    const node::Node& node_;
};

}  // namespace ashlar::native
