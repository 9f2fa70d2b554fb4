#include "replica/edge.h"

#include "api/proof_answer.h"
#include "git/wire/advertisement.h"
#include "git/wire/upload_pack.h"

namespace ashlar::replica {

namespace {

constexpr std::string_view kApiPrefix = "/api/";
constexpr std::string_view kSyncPrefix = "/sync/";
constexpr std::string_view kAskAgain = "public, no-cache";
// Longer lists are held in memory whole while they are proven; an edge has little of it.
constexpr std::uint64_t kProvenRefsMax = 20'000;

bool is_get(const api::Request& request) {
    return request.method == "GET" || request.method == "HEAD";
}

api::Response text_response(int status, std::string_view text) {
    api::Response response;
    response.status = status;
    response.headers = {{"content-type", "text/plain; charset=utf-8"},
                        {"cache-control", "no-store"},
                        {"x-content-type-options", "nosniff"}};
    response.body = to_bytes(std::string(text) + "\n");
    return response;
}

std::optional<git::Service> service_of(const api::Request& request) {
    const auto query = api::parse_query(request.query);
    if (!query) return std::nullopt;
    const auto name = query->find("service");
    return name == query->end() ? std::nullopt : git::service_from(name->second);
}

// A stream, and all that it reads from.
class OwningStream final : public ChunkStream {
  public:
    struct Source {
        OpenedRepository opened;
        std::unique_ptr<git::ObjectSource> objects;
    };
    OwningStream(std::unique_ptr<Source> source, std::unique_ptr<ChunkStream> stream)
        : source_(std::move(source)), stream_(std::move(stream)) {}
    Expected<std::optional<Chunk>> next() override { return stream_->next(); }

  private:
    std::unique_ptr<Source> source_;
    std::unique_ptr<ChunkStream> stream_;
};

void add_age(api::Response& response, const OpenedRepository& opened) {
    response.headers.emplace_back("ashlar-height", std::to_string(opened.height.value));
    response.headers.emplace_back("ashlar-time", std::to_string(opened.time_ms));
    if (opened.unconfirmed) {
        response.headers.emplace_back("warning", "111 - \"Revalidation Failed\"");
    }
}

// What the pages see of a replica: public repositories, one by one.
class ReplicaRepositories final : public api::Repositories {
  public:
    explicit ReplicaRepositories(Replica& replica) : replica_(replica) {}

    Expected<api::RepositoryList> list(const api::Viewer&, std::optional<std::string_view>,
                                       std::string_view, std::size_t) override {
        return fail(ErrorCode::unsupported, "an edge knows repositories by their names only");
    }
    Expected<api::OpenRepository> open(const api::Viewer&, std::string_view owner,
                                       std::string_view name) override {
        auto opened = replica_.open(owner, name);
        if (!opened) {
            failure_ = opened.error();
            return Unexpected(*failure_);
        }
        opened_ = *std::move(opened);
        api::OpenRepository repository;
        repository.card = {opened_->owner, opened_->record};
        repository.refs = opened_->refs;
        repository.objects = opened_->objects();
        return repository;
    }
    const std::optional<OpenedRepository>& opened() const { return opened_; }
    const std::optional<Error>& failure() const { return failure_; }

  private:
    Replica& replica_;
    std::optional<OpenedRepository> opened_;
    std::optional<Error> failure_;
};

}  // namespace

bool Edge::answers(const api::Request& head) const {
    // Whoever signs in may be shown more than the public.
    if (head.header("authorization") || head.header("cookie")) return false;
    if (const auto address = api::parse_git_address(head.path)) {
        switch (address->resource) {
            case api::GitResource::info_refs:
                return is_get(head) && service_of(head) == git::Service::upload_pack;
            case api::GitResource::upload_pack:
                return head.method == "POST";
            case api::GitResource::receive_pack:
            case api::GitResource::bundle:
            case api::GitResource::pack:
            case api::GitResource::dumb_file:
                return false;
        }
    }
    if (api::is_proof_path(head.path)) return is_get(head);
    const bool is_page = !head.path.starts_with(kApiPrefix) && !head.path.starts_with(kSyncPrefix);
    // The lists of repositories are nobody's proof: a validator has them.
    const std::string_view path = head.path;
    const bool is_list = path.find('/', 1) == std::string_view::npos;
    return is_get(head) && is_page && !is_list;
}

Expected<std::variant<api::Response, PassOn>> Edge::respond(const api::Request& request) {
    using Answer = std::variant<api::Response, PassOn>;
    if (!answers(request)) return Answer(PassOn{});
    const auto address = api::parse_git_address(request.path);
    auto response = address                            ? git(*address, request)
                    : api::is_proof_path(request.path) ? proof(request)
                                                       : page(request);
    if (response) return Answer(*std::move(response));
    // What is not public, or is served by its validators alone, they answer; git's client is told
    // by them to sign in, too.
    const ErrorCode code = response.error().code;
    if (code == ErrorCode::not_found || code == ErrorCode::unsupported) return Answer(PassOn{});
    return Unexpected(response.error());
}

Expected<api::Response> Edge::git(const api::GitAddress& address, const api::Request& request) {
    const git::ProtocolVersion version =
        git::protocol_version_from(request.header("git-protocol").value_or(""));
    const bool is_post = address.resource == api::GitResource::upload_pack;
    const git::Service service = git::Service::upload_pack;
    if (is_post &&
        request.header("content-type").value_or("") != git::request_content_type(service)) {
        return text_response(415, "the Content-Type must be " + git::request_content_type(service));
    }
    auto source = std::make_unique<OwningStream::Source>();
    ASHLAR_TRY(source->opened, replica_.open(address.owner, address.repository));
    api::Response response;
    response.headers = {{"cache-control", "no-cache, max-age=0, must-revalidate"},
                        {"pragma", "no-cache"},
                        {"expires", "Fri, 01 Jan 1980 00:00:00 GMT"},
                        {"x-content-type-options", "nosniff"}};
    add_age(response, source->opened);
    std::unique_ptr<ChunkStream> stream;
    if (is_post) {
        source->objects = source->opened.objects();
        const git::RepositoryView view{*source->opened.refs, *source->objects, source->opened.packs,
                                       git::Unreachable::none};
        ASHLAR_TRY(stream, git::serve_upload_pack(view, version, request.body));
        response.headers.emplace_back("content-type", git::result_content_type(service));
    } else {
        ASHLAR_TRY(stream, git::advertise(service, version, *source->opened.refs, identity_));
        response.headers.emplace_back("content-type", git::advertisement_content_type(service));
    }
    response.body = std::make_unique<OwningStream>(std::move(source), std::move(stream));
    return response;
}

Expected<api::Response> Edge::proof(const api::Request& request) {
    const auto asked = api::proof_question_of(request);
    if (!asked) return fail(ErrorCode::unsupported, "a validator says what is wrong with this");
    ASHLAR_TRY(const ProvenRepository known, replica_.proven(asked->owner, asked->repository));
    const codec::RepositoryCheckpoint& checkpoint = *known.checkpoint;
    // A proof names what was asked for, letter for letter.
    if (checkpoint.owner != asked->owner || checkpoint.repository != asked->repository) {
        return fail(ErrorCode::unsupported, "a validator proves this by that name");
    }
    const std::uint64_t count_max = asked->ref ? chain::kRefsProvenOneByOneMax : kProvenRefsMax;
    if (known.record.ref_count > count_max) {
        return fail(ErrorCode::unsupported, "a validator proves so many refs");
    }
    std::vector<git::Ref> refs;
    ASHLAR_CHECK(known.refs->scan("", [&](const git::Ref& ref) {
        refs.push_back(ref);
        return true;
    }));
    Bytes body;
    if (asked->ref) {
        ASHLAR_TRY(const auto sealed,
                   chain::seal_ref_proof(checkpoint, known.record, refs, *asked->ref));
        body = api::proof_body(sealed, asked->format);
    } else {
        body = api::proof_body(chain::seal_ref_list(checkpoint, std::move(refs)), asked->format);
    }
    return api::tagged_answer(request, std::move(body), api::content_type_of(asked->format),
                              kAskAgain);
}

Expected<api::Response> Edge::page(const api::Request& request) {
    ReplicaRepositories repositories(replica_);
    ASHLAR_TRY(api::Response response,
               pages_.respond(request, api::Viewer::anonymous(), repositories));
    // The pages make a page of what went wrong; what an upstream did wrong is the host's.
    if (const auto& failure = repositories.failure()) return Unexpected(*failure);
    if (repositories.opened()) add_age(response, *repositories.opened());
    return response;
}

}  // namespace ashlar::replica
