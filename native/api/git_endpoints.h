// Git's smart HTTP (gitprotocol-http) over a node's repositories.
#pragma once

#include <atomic>
#include <string>
#include <variant>

#include "api/git_address.h"
#include "git/wire/service.h"
#include "native/api/body_buffer.h"
#include "native/api/downloads.h"
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
        TaskRunner* runner;  // where deltas are resolved; null: where the push is read
        OfferedPacks& offered_packs;
        std::string base_url = {};  // for addresses in answers; empty: as the request's Host says
    };

    // The node outlives this.
    GitEndpoints(node::Node& node, std::string agent, Shared shared);

    std::variant<http::HttpReply, http::HttpPlan> start(const GitAddress& address,
                                                        const api::Request& request) const;

  private:
    using Start = std::variant<http::HttpReply, http::HttpPlan>;

    Expected<Start> try_start(const GitAddress& address, const api::Request& request) const;
    Expected<Start> info_refs(const GitAddress& address, const api::Request& request) const;
    Expected<Start> upload_pack(const GitAddress& address, const api::Request& request) const;
    Expected<Start> receive_pack(const GitAddress& address, const api::Request& request) const;
    Expected<Start> file(const GitAddress& address, const api::Request& request) const;
    git::ServerIdentity identity(git::Service service, const node::RepositoryView& view) const;

    node::Node& node_;
    const std::string agent_;
    const std::string process_id_;  // random, the first part of session ids
    mutable std::atomic<std::uint64_t> session_count_{0};
    const Shared shared_;
};

}  // namespace ashlar::native
