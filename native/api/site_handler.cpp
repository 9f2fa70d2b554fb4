#include "native/api/site_handler.h"

#include "native/api/authentication.h"
#include "native/api/errors.h"

namespace ashlar::native {

namespace {

constexpr std::string_view kHealthPrefix = "/health/";

// Whether the path is the prefix or below it.
bool is_below(std::string_view path, std::string_view prefix) {
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

SiteHandler::SiteHandler(node::Node& node, TaskRunner* runner, const SiteOptions& options)
    : node_(node),
      answers_(options.fetch_answers),
      git_(node, "ashlar/" + options.version,
           {answers_, budget_, runner, offered_packs_, options.base_url}),
      rest_(node, budget_, options.base_url),
      proofs_(node),
      sync_(node),
      feed_(node),
      pages_(markdown_, api::PagesOptions{options.base_url, "Ashlar"}),
      repositories_(node),
      network_(node) {}

// Probes are answered however busy the workers are.
std::optional<http::HttpReply> SiteHandler::answer_at_once(const api::Request& request) {
    if (!request.path.starts_with(kHealthPrefix)) return std::nullopt;
    return health(request);
}

std::variant<http::HttpReply, http::HttpPlan> SiteHandler::start(api::Request head,
                                                                 const http::Peer&) {
    // Proofs stand below the same prefix as what the network says of itself.
    if (auto proof = proofs_.answer(head)) return std::move(*proof);
    if (is_below(head.path, kRestPrefix) || is_below(head.path, kNetworkPrefix)) {
        return rest_.start(head);
    }
    if (is_below(head.path, kSyncPrefix)) return sync_.start(head);
    if (auto address = api::parse_git_address(head.path)) return git_.start(*address, head);
    return page(head);
}

std::unique_ptr<http::SocketListener> SiteHandler::open_socket(const api::Request& head) {
    return head.path == kSyncPrefix ? feed_.listen() : nullptr;
}

http::HttpReply SiteHandler::page(const api::Request& request) {
    if (request.method != "GET" && request.method != "HEAD") {
        http::HttpReply reply = http::text_reply(405, "this address takes GET, HEAD");
        reply.response.headers.emplace_back("allow", "GET, HEAD");
        return reply;
    }
    auto caller = authenticate(node_, request);
    if (!caller) return git_error_reply(caller.error());
    auto response = pages_.respond(request, caller->viewer(), repositories_, &network_);
    if (!response) return git_error_reply(response.error());
    http::HttpReply reply;
    reply.response = std::move(*response);
    return reply;
}

http::HttpReply SiteHandler::health(const api::Request& request) const {
    if (request.method != "GET" && request.method != "HEAD") {
        return http::text_reply(405, "this address takes GET, HEAD");
    }
    std::string_view probe = std::string_view(request.path).substr(kHealthPrefix.size());
    if (probe == "live" || probe == "startup") return http::text_reply(200, "ok");
    if (probe != "ready") return http::text_reply(404, "there is no such probe");
    if (stopping_) return http::text_reply(503, "stopping");
    auto head = node_.state()->head();
    if (!head) return http::text_reply(503, text_of(head.error()));
    const node::ConsensusStatus status = node_.consensus_status();
    if (!status.ready) return http::text_reply(503, status.why_not_ready);
    return http::text_reply(200, "ok");
}

}  // namespace ashlar::native
