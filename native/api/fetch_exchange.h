// One POST of git-upload-pack: the wants and haves, which are small, are collected; then the answer
// is produced, or shared with those who ask the same of the same refs.
#pragma once

#include "git/wire/service.h"
#include "native/api/body_buffer.h"
#include "native/api/fetch_answers.h"
#include "native/http/http_handler.h"
#include "native/node/node.h"

namespace ashlar::native {

class FetchExchange final : public http::HttpExchange {
  public:
    // Answers and budget outlive this.
    FetchExchange(FetchAnswers& answers, BodyBudget& budget, FetchSource source,
                  git::ProtocolVersion version);

    http::BodyDemand on_body(Bytes piece) override;
    http::HttpReply respond() override;

  private:
    FetchAnswers& answers_;
    std::shared_ptr<BodyBuffer> body_;  // its answer may need it for longer
    FetchSource source_;
    git::ProtocolVersion version_;
    bool overloaded_ = false;
};

}  // namespace ashlar::native
