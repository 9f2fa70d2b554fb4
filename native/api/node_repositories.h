// What the pages see of a node.
#pragma once

#include "api/pages.h"
#include "native/node/node.h"

namespace ashlar::native {

class NodeRepositories final : public api::Repositories {
  public:
    // The node outlives this.
    explicit NodeRepositories(const node::Node& node) : node_(node) {}

    Expected<api::RepositoryList> list(const api::Viewer& viewer,
                                       std::optional<std::string_view> owner,
                                       std::string_view after, std::size_t count_max) override;
    Expected<api::OpenRepository> open(const api::Viewer& viewer, std::string_view owner,
                                       std::string_view name) override;

  private:
    const node::Node& node_;
};

}  // namespace ashlar::native
