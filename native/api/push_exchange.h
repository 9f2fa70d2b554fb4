// One POST of git-receive-pack: the command section is parsed and the pack checked while they
// arrive; the answer carries progress while deltas are resolved, tips are connected and the ledger
// decides.
#pragma once

#include <memory>
#include <optional>

#include "native/api/proof_notice.h"
#include "native/http/http_handler.h"
#include "native/node/node.h"

namespace ashlar::native {

class PushExchange final : public http::HttpExchange {
  public:
    // The view was opened for writing. Node and runner outlive this. What was pushed is proven
    // below `base_url`, which the client is told.
    PushExchange(node::Node& node, node::Author author, node::RepositoryView view,
                 TaskRunner* runner, std::string base_url);
    ~PushExchange() override;

    http::BodyDemand on_body(Bytes piece) override;
    http::HttpReply respond() override;

  private:
    struct Progress;
    class Report;

    // Whether to go on; notes the failure otherwise.
    bool take_commands(ByteView& input);
    void begin_push();

    node::Node& node_;
    node::Author author_;
    node::RepositoryView view_;
    TaskRunner* runner_;
    ProofPlace proof_place_;
    git::PushRequestParser parser_;
    std::shared_ptr<const git::PushRequest> request_;  // once the command section has ended
    std::shared_ptr<Progress> progress_;
    std::unique_ptr<node::Push> push_;
    std::optional<Error> failure_;
};

}  // namespace ashlar::native
