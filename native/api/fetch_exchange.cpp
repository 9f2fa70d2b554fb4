#include "native/api/fetch_exchange.h"

#include "native/api/errors.h"
#include "native/api/git_headers.h"

namespace ashlar::native {

FetchExchange::FetchExchange(FetchAnswers& answers, BodyBudget& budget, FetchSource source,
                             git::ProtocolVersion version)
    : answers_(answers),
      body_(std::make_shared<BodyBuffer>(budget)),
      source_(std::move(source)),
      version_(version) {}

http::BodyDemand FetchExchange::on_body(Bytes piece) {
    overloaded_ = !body_->add(piece);
    return overloaded_ ? http::BodyDemand::discard : http::BodyDemand::more;
}

http::HttpReply FetchExchange::respond() {
    if (overloaded_) return git_error_reply(overload());
    auto answer = answers_.open(source_, version_, std::move(body_));
    if (!answer) return git_error_reply(answer.error());
    http::HttpReply reply = git_reply(git::result_content_type(git::Service::upload_pack));
    reply.response.body = std::move(answer->stream);
    reply.keepalive = std::move(answer->keepalive);
    return reply;
}

}  // namespace ashlar::native
