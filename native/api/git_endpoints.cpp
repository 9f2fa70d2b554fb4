#include "native/api/git_endpoints.h"

#include <array>

#include "git/wire/advertisement.h"
#include "git/wire/upload_pack.h"
#include "native/api/authentication.h"
#include "native/api/errors.h"
#include "native/api/fetch_exchange.h"
#include "native/api/git_headers.h"
#include "native/api/push_exchange.h"
#include "native/api/rest_api.h"
#include "native/node/clock.h"

namespace ashlar::native {

namespace {

// A pack that is too large by less than this is read to its end, for only then does git's client
// read why it was refused; who sends more sees a bare 413.
constexpr std::uint64_t kSurplusBytesRead = std::uint64_t{1} << 30;

// A stream, and what it reads from. Destroyed in reverse: the stream first.
class OwningStream final : public ChunkStream {
  public:
    OwningStream(std::shared_ptr<const void> owned, std::unique_ptr<ChunkStream> stream)
        : owned_(std::move(owned)), stream_(std::move(stream)) {}
    Expected<std::optional<Chunk>> next() override { return stream_->next(); }

  private:
    std::shared_ptr<const void> owned_;
    std::unique_ptr<ChunkStream> stream_;
};

git::ProtocolVersion version_of(const api::Request& request) {
    return git::protocol_version_from(request.header("git-protocol").value_or(""));
}

http::HttpReply wrong_method(std::string_view allowed) {
    http::HttpReply reply = http::text_reply(405, "this address takes " + std::string(allowed));
    reply.response.headers.emplace_back("allow", allowed);
    return reply;
}

// Nothing where the POST is what git sends.
std::optional<http::HttpReply> check_post(const api::Request& request, git::Service service) {
    if (request.method != "POST") return wrong_method("POST");
    std::string expected = git::request_content_type(service);
    if (request.header("content-type").value_or("") == expected) return std::nullopt;
    return http::text_reply(415, "the Content-Type must be " + expected);
}

// Whoever is nobody is told to sign in, whether the repository is hidden or does not exist: git
// asks for a password on a 401 only.
Expected<node::RepositoryView> open(const node::Node& node, const Caller& caller,
                                    const GitAddress& address, git::Service service) {
    auto action = service == git::Service::receive_pack ? forge::RepositoryAction::write
                                                        : forge::RepositoryAction::read;
    auto view = node.open_repository(caller.viewer(), address.owner, address.repository, action);
    if (view || caller.author || view.error().code != ErrorCode::not_found) return view;
    return fail(ErrorCode::unauthenticated,
                "sign in to reach this repository: any user name, and a token as the password");
}

// A name that no other process has.
std::string make_process_id() {
    std::array<Byte, 8> bytes{};
    node::SystemRandom().fill(bytes);
    return to_hex(bytes);
}

}  // namespace

GitEndpoints::GitEndpoints(node::Node& node, std::string agent, Shared shared)
    : node_(node), agent_(std::move(agent)), process_id_(make_process_id()), shared_(shared) {}

std::variant<http::HttpReply, http::HttpPlan> GitEndpoints::start(
    const GitAddress& address, const api::Request& request) const {
    auto started = try_start(address, request);
    if (!started) return git_error_reply(started.error());
    return std::move(*started);
}

Expected<GitEndpoints::Start> GitEndpoints::try_start(const GitAddress& address,
                                                      const api::Request& request) const {
    switch (address.resource) {
        case GitResource::info_refs:
            return info_refs(address, request);
        case GitResource::upload_pack:
            return upload_pack(address, request);
        case GitResource::receive_pack:
            return receive_pack(address, request);
        case GitResource::bundle:
        case GitResource::pack:
            return file(address, request);
        case GitResource::dumb_file:
            break;
    }
    return Start(
        http::text_reply(403, "only the smart HTTP protocol is served (git 1.6.6 or newer)"));
}

Expected<GitEndpoints::Start> GitEndpoints::info_refs(const GitAddress& address,
                                                      const api::Request& request) const {
    if (request.method != "GET" && request.method != "HEAD")
        return Start(wrong_method("GET, HEAD"));
    ASHLAR_TRY(auto query, api::parse_query(request.query));
    auto name = query.find("service");
    if (name == query.end()) {
        return Start(
            http::text_reply(403, "only the smart HTTP protocol is served (git 1.6.6 or newer)"));
    }
    auto service = git::service_from(name->second);
    if (!service) {
        return Start(http::text_reply(403,
                                      "an unknown service: git-upload-pack and "
                                      "git-receive-pack are served"));
    }
    ASHLAR_TRY(Caller caller, authenticate(node_, request));
    ASHLAR_TRY(node::RepositoryView view, open(node_, caller, address, *service));
    ASHLAR_TRY(auto stream,
               git::advertise(*service, version_of(request), *view.refs, identity(*service, view)));
    http::HttpReply reply = git_reply(git::advertisement_content_type(*service));
    reply.response.body = std::make_unique<OwningStream>(
        std::make_shared<node::RepositoryView>(std::move(view)), std::move(stream));
    return Start(std::move(reply));
}

git::ServerIdentity GitEndpoints::identity(git::Service service,
                                           const node::RepositoryView& view) const {
    git::ServerIdentity identity;
    identity.agent = agent_;
    identity.session_id = process_id_ + "-" + std::to_string(++session_count_);
    identity.offers_downloads = offers_downloads(view.repository);
    identity.takes_thin_packs = !view.repository.may_hold_unreachable;
    if (service == git::Service::receive_pack) {
        identity.push_certificate_nonce = node_.push_nonce(view.repository.id);
    }
    return identity;
}

Expected<GitEndpoints::Start> GitEndpoints::file(const GitAddress& address,
                                                 const api::Request& request) const {
    if (request.method != "GET" && request.method != "HEAD") {
        return Start(wrong_method("GET, HEAD"));
    }
    ASHLAR_TRY(Caller caller, authenticate(node_, request));
    ASHLAR_TRY(node::RepositoryView view, open(node_, caller, address, git::Service::upload_pack));
    ASHLAR_TRY(http::HttpReply reply,
               download(address, request, view, node_.bundles(), shared_.offered_packs));
    return Start(std::move(reply));
}

Expected<GitEndpoints::Start> GitEndpoints::upload_pack(const GitAddress& address,
                                                        const api::Request& request) const {
    if (auto refusal = check_post(request, git::Service::upload_pack)) {
        return Start(std::move(*refusal));
    }
    ASHLAR_TRY(Caller caller, authenticate(node_, request));
    ASHLAR_TRY(node::RepositoryView view, open(node_, caller, address, git::Service::upload_pack));
    http::HttpPlan plan;
    std::shared_ptr<const git::DownloadOffers> downloads;
    if (offers_downloads(view.repository)) {
        downloads = std::make_shared<RepositoryDownloads>(
            node_.bundles(), shared_.offered_packs, view,
            shared_.base_url.empty() ? base_url_of(request) : shared_.base_url);
    }
    plan.exchange = std::make_unique<FetchExchange>(shared_.answers, shared_.budget,
                                                    FetchSource{std::move(view), downloads},
                                                    version_of(request));
    plan.lane = http::Lane::long_running;
    plan.body_bytes_max = git::kUploadPackRequestSizeMax;
    return Start(std::move(plan));
}

Expected<GitEndpoints::Start> GitEndpoints::receive_pack(const GitAddress& address,
                                                         const api::Request& request) const {
    if (auto refusal = check_post(request, git::Service::receive_pack)) {
        return Start(std::move(*refusal));
    }
    ASHLAR_TRY(Caller caller, authenticate(node_, request));
    ASHLAR_TRY(node::RepositoryView view, open(node_, caller, address, git::Service::receive_pack));
    if (!caller.author) return fail(ErrorCode::unauthenticated, "a push needs a token");
    http::HttpPlan plan;
    plan.exchange = std::make_unique<PushExchange>(
        node_, std::move(*caller.author), std::move(view), shared_.runner,
        shared_.base_url.empty() ? base_url_of(request) : shared_.base_url);
    plan.lane = http::Lane::long_running;
    // The pack, and the command section before it.
    plan.body_bytes_max = node_.options().pack_limits.pack_bytes_max + kSurplusBytesRead +
                          std::uint64_t{2} * git::PushLimits().section_size_max;
    return Start(std::move(plan));
}

}  // namespace ashlar::native
