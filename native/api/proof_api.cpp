#include "native/api/proof_api.h"

#include <charconv>
#include <vector>

#include "api/proof_json.h"
#include "chain/ref_receipt.h"
#include "codec/genesis.h"
#include "forge/names.h"
#include "native/api/authentication.h"
#include "native/api/errors.h"
#include "native/api/rest_api.h"
#include "native/node/data_folder.h"

namespace ashlar::native {

namespace {

constexpr std::string_view kEntityDomain = "ashlar http entity";
constexpr std::size_t kSegmentsMax = 8;
constexpr std::size_t kRefNameLengthMax = 4096;
// What is final never changes.
constexpr std::string_view kForever = "public, max-age=31536000, immutable";
constexpr std::string_view kAskAgain = "public, no-cache";
constexpr std::string_view kAskAgainAlone = "private, no-cache";

struct Format {
    bool capnp = false;
};

// A body in the wanted form, and who may keep it.
struct Answer {
    Bytes body;
    std::string_view caching;
};

// The parts of the address below the prefix; nothing where it is not below it or is malformed.
std::optional<std::vector<std::string>> segments_of(std::string_view path) {
    if (!path.starts_with(api::kAshlarPrefix)) return std::nullopt;
    path.remove_prefix(api::kAshlarPrefix.size());
    std::vector<std::string> segments;
    while (path.starts_with('/')) {
        path.remove_prefix(1);
        const std::string_view segment = path.substr(0, path.find('/'));
        path.remove_prefix(segment.size());
        auto decoded = api::percent_decode(segment);
        if (!decoded || segments.size() == kSegmentsMax) return std::nullopt;
        segments.push_back(*std::move(decoded));
    }
    return segments;
}

Expected<Format> format_of(const api::Request& request,
                           const std::map<std::string, std::string, std::less<>>& query) {
    const auto named = query.find("format");
    if (named == query.end()) {
        const std::string_view accepted = request.header("accept").value_or("");
        return Format{accepted.find(api::kCapnpType) != std::string_view::npos};
    }
    if (named->second != "json" && named->second != "capnp") {
        return fail(ErrorCode::invalid, "format must be json or capnp");
    }
    return Format{named->second == "capnp"};
}

Expected<std::uint64_t> number_of(const std::string& text, const char* what) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) {
        return fail(ErrorCode::invalid, std::string(what) + " must be a number");
    }
    return number;
}

template <typename Value>
Bytes body_of(const Value& value, Format format) {
    return format.capnp ? codec::encode(value) : to_bytes(api::to_json(value));
}

Expected<Answer> header_at(const node::Node& node, const std::string& height, Format format) {
    const auto state = node.state();
    ASHLAR_TRY(const ledger::BlockHeader head, state->head());
    const bool newest = height == "head";
    std::uint64_t number = head.height.value;
    if (!newest) {
        ASHLAR_TRY(number, number_of(height, "the height"));
    }
    ASHLAR_TRY(const auto finalized, chain::prove_header(state->rows(), ledger::Height(number)));
    return Answer{body_of(finalized, format), newest ? kAskAgain : kForever};
}

Expected<Answer> end_of_epoch(const node::Node& node, const std::string& epoch, Format format) {
    ASHLAR_TRY(const std::uint64_t number, number_of(epoch, "the epoch"));
    ASHLAR_TRY(const auto change,
               chain::prove_epoch_change(node.state()->rows(), ledger::Epoch(number)));
    return Answer{body_of(change, format), kForever};
}

// Whoever would not see a private repository of that name is not told that there is none.
Expected<void> check_visible(const chain::StateReader& state, const forge::Viewer& viewer,
                             std::string_view owner, std::string_view name) {
    const std::string what = "repository " + forge::full_name(owner, name);
    const auto repository = state.repository(owner, name);
    if (repository) {
        return forge::require(forge::may(viewer, *repository, forge::RepositoryAction::read), what);
    }
    if (repository.error().code != ErrorCode::not_found) return Unexpected(repository.error());
    const auto account = state.account(owner);
    // Of an owner that does not exist nothing can be hidden.
    if (!account && account.error().code == ErrorCode::not_found) return {};
    if (!account) return Unexpected(account.error());
    forge::Repository hidden;
    hidden.owner = account->id;
    hidden.visibility = forge::Visibility::visible_to_members;
    const auto permission = forge::may(viewer, hidden, forge::RepositoryAction::read);
    if (permission == forge::Permission::allowed) return {};
    return fail(ErrorCode::not_found, what);
}

Expected<void> check_ref_count(const chain::StateReader& state, std::string_view owner,
                               std::string_view name) {
    const auto repository = state.repository(owner, name);
    if (!repository || repository->ref_count <= kProvenRefsMax) return {};
    return fail(ErrorCode::limit_exceeded,
                "more than " + std::to_string(kProvenRefsMax) +
                    " refs are not proven at once; name one of them by ?ref=");
}

Expected<Answer> proof_of(const node::Node& node, const api::Request& request,
                          const std::string& owner, const std::string& name,
                          const std::map<std::string, std::string, std::less<>>& query,
                          Format format) {
    ASHLAR_TRY(const Caller caller, authenticate(node, request));
    const auto state = node.state();
    ASHLAR_CHECK(check_visible(*state, caller.viewer(), owner, name));
    const std::string_view caching = caller.author ? kAskAgainAlone : kAskAgain;
    const auto ref = query.find("ref");
    if (ref == query.end()) {
        ASHLAR_CHECK(check_ref_count(*state, owner, name));
        ASHLAR_TRY(const auto list, chain::seal_ref_list(state->rows(), owner, name));
        return Answer{body_of(list, format), caching};
    }
    if (!ref->second.starts_with("refs/") || ref->second.size() > kRefNameLengthMax) {
        return fail(ErrorCode::invalid, "name the ref in full, such as ref=refs/heads/main");
    }
    ASHLAR_TRY(const auto sealed, chain::seal_ref_proof(state->rows(), owner, name, ref->second));
    return Answer{body_of(sealed, format), caching};
}

// Nothing where it is no address of ours.
std::optional<Expected<Answer>> find_answer(
    const node::Node& node, const api::Request& request, const std::vector<std::string>& segments,
    const std::map<std::string, std::string, std::less<>>& query, Format format) {
    const std::size_t count = segments.size();
    if (count == 1 && segments[0] == "genesis") {
        const forge::Genesis& genesis = node.genesis();
        return Answer{format.capnp ? codec::encode(genesis) : to_bytes(node::to_json(genesis)),
                      kAskAgain};
    }
    if (count == 2 && segments[0] == "headers") return header_at(node, segments[1], format);
    if (count == 2 && segments[0] == "epochs") return end_of_epoch(node, segments[1], format);
    if (count == 4 && segments[0] == "repos" && segments[3] == "proof") {
        return proof_of(node, request, segments[1], segments[2], query, format);
    }
    return std::nullopt;
}

http::HttpReply reply_with(const api::Request& request, Answer answer, Format format) {
    http::HttpReply reply;
    api::Response& response = reply.response;
    const std::string tag = "\"" + crypto::hash(kEntityDomain, answer.body).hex() + "\"";
    response.headers = {
        {"content-type", format.capnp ? std::string(api::kCapnpType)
                                      : std::string("application/json; charset=utf-8")},
        {"cache-control", std::string(answer.caching)},
        {"etag", tag},
        {"vary", "accept, authorization"},
        {"x-content-type-options", "nosniff"}};
    if (request.header("if-none-match").value_or("").find(tag) != std::string_view::npos) {
        response.status = 304;
        return reply;
    }
    if (request.method == "HEAD") {
        response.headers.emplace_back("content-length", std::to_string(answer.body.size()));
    } else {
        response.body = std::move(answer.body);
    }
    return reply;
}

}  // namespace

std::optional<http::HttpReply> ProofApi::answer(const api::Request& request) const {
    const auto segments = segments_of(request.path);
    if (!segments) return std::nullopt;
    const auto refuse = [](const Error& error) {
        http::HttpReply reply;
        reply.response = rest_error_of(error);
        return reply;
    };
    const auto query = api::parse_query(request.query);
    if (!query) return refuse(query.error());
    const auto format = format_of(request, *query);
    if (!format) return refuse(format.error());
    auto found = find_answer(node_, request, *segments, *query, *format);
    if (!found) return std::nullopt;
    if (request.method != "GET" && request.method != "HEAD") {
        http::HttpReply reply;
        reply.response = api::rest_error(405, "this address takes GET, HEAD");
        reply.response.headers.emplace_back("allow", "GET, HEAD");
        return reply;
    }
    if (!*found) return refuse(found->error());
    return reply_with(request, *std::move(*found), *format);
}

}  // namespace ashlar::native
