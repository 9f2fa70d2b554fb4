// Git's smart HTTP (gitprotocol-http) over a node's repositories.
#pragma once

#include <variant>

#include "api/git_address.h"
#include "git/wire/service.h"
#include "native/api/body_buffer.h"
#include "native/api/fetch_answers.h"
#include "native/http/http_handler.h"
#include "native/node/node.h"

namespace ashlar::native {

using api::GitAddress;
using api::GitResource;

class GitEndpoints {
  public:
    // What requests share. All of it outlives this.
    struct Shared {
        FetchAnswers& answers;
        BodyBudget& budget;
        TaskRunner* runner;         // where deltas are resolved; null: where the push is read
        std::string base_url = {};  // for addresses in answers; empty: as the request's Host says
    };

    // The node outlives this.
    GitEndpoints(node::Node& node, git::ServerIdentity identity, Shared shared);

    std::variant<http::HttpReply, http::HttpPlan> start(const GitAddress& address,
                                                        const api::Request& request) const;

  private:
    using Start = std::variant<http::HttpReply, http::HttpPlan>;

    Expected<Start> try_start(const GitAddress& address, const api::Request& request) const;
    Expected<Start> info_refs(const GitAddress& address, const api::Request& request) const;
    Expected<Start> upload_pack(const GitAddress& address, const api::Request& request) const;
    Expected<Start> receive_pack(const GitAddress& address, const api::Request& request) const;

    node::Node& node_;
    const git::ServerIdentity identity_;
    const Shared shared_;
};

}  // namespace ashlar::native
