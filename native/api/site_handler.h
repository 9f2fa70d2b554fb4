// Decides by its address who answers a request: health, REST, git, or the pages.
#pragma once

#include <atomic>
#include <string>

#include "api/pages.h"
#include "native/api/git_endpoints.h"
#include "native/api/node_network.h"
#include "native/api/node_repositories.h"
#include "native/api/proof_api.h"
#include "native/api/rest_api.h"
#include "native/api/sync_api.h"
#include "native/api/sync_feed.h"
#include "native/http/http_handler.h"
#include "native/node/node.h"

namespace ashlar::native {

struct SiteOptions {
    std::string version;   // "0.1.0"
    std::string base_url;  // "https://git.example.org"; empty: as the request's Host says
    FetchAnswersOptions fetch_answers;
};

class SiteHandler final : public http::HttpHandler {
  public:
    // Node and runner outlive this.
    SiteHandler(node::Node& node, TaskRunner* runner, const SiteOptions& options);

    std::optional<http::HttpReply> answer_at_once(const api::Request& request) override;
    std::variant<http::HttpReply, http::HttpPlan> start(api::Request head,
                                                        const http::Peer& peer) override;
    std::unique_ptr<http::SocketListener> open_socket(const api::Request& head) override;

    // From now on /health/ready says that no new requests should come.
    void begin_stopping() { stopping_ = true; }

  private:
    http::HttpReply health(const api::Request& request) const;
    http::HttpReply page(const api::Request& request);

    node::Node& node_;
    BodyBudget budget_;
    FetchAnswers answers_;
    OfferedPacks offered_packs_;
    GitEndpoints git_;
    RestApi rest_;
    ProofApi proofs_;
    SyncApi sync_;
    SyncFeed feed_;
    pages::MarkdownLibrary markdown_;
    api::Pages pages_;
    NodeRepositories repositories_;
    NodeNetwork network_;
    std::atomic<bool> stopping_{false};
};

}  // namespace ashlar::native
