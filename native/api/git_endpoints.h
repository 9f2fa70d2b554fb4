// Git's smart HTTP (gitprotocol-http) over a node's repositories.
#pragma once

#include <variant>

#include "git/wire/service.h"
#include "native/api/fetch_answers.h"
#include "native/api/git_address.h"
#include "native/http/http_handler.h"
#include "native/node/node.h"

namespace ashlar::native {

class GitEndpoints {
  public:
    // The node outlives this; the answers and the runner, where deltas are resolved, too.
    GitEndpoints(node::Node& node, FetchAnswers& answers, git::ServerIdentity identity,
                 TaskRunner* runner);

    std::variant<http::HttpReply, http::HttpPlan> start(const GitAddress& address,
                                                        const api::Request& request) const;

  private:
    using Start = std::variant<http::HttpReply, http::HttpPlan>;

    Expected<Start> try_start(const GitAddress& address, const api::Request& request) const;
    Expected<Start> info_refs(const GitAddress& address, const api::Request& request) const;
    Expected<Start> upload_pack(const GitAddress& address, const api::Request& request) const;
    Expected<Start> receive_pack(const GitAddress& address, const api::Request& request) const;

    node::Node& node_;
    FetchAnswers& answers_;
    const git::ServerIdentity identity_;
    TaskRunner* const runner_;
};

}  // namespace ashlar::native
