#include "api/proof_answer.h"

#include <vector>

#include "crypto/digest.h"

namespace ashlar::api {

namespace {

constexpr std::string_view kEntityDomain = "ashlar http entity";
constexpr std::size_t kRefNameLengthMax = 4096;
constexpr std::string_view kRepositories = "/repos/";
constexpr std::string_view kProof = "/proof";

// "OWNER/NAME", as it was sent.
std::string_view named_by(std::string_view path) {
    path.remove_prefix(kAshlarPrefix.size() + kRepositories.size());
    path.remove_suffix(kProof.size());
    return path;
}

}  // namespace

Expected<ProofFormat> proof_format_of(
    const Request& request, const std::map<std::string, std::string, std::less<>>& query) {
    const auto named = query.find("format");
    if (named == query.end()) {
        const std::string_view accepted = request.header("accept").value_or("");
        const bool is_capnp = accepted.find(kCapnpType) != std::string_view::npos;
        return is_capnp ? ProofFormat::capnp : ProofFormat::json;
    }
    if (named->second == "capnp") return ProofFormat::capnp;
    if (named->second == "json") return ProofFormat::json;
    return fail(ErrorCode::invalid, "format must be json or capnp");
}

std::string_view content_type_of(ProofFormat format) {
    return format == ProofFormat::capnp ? kCapnpType : "application/json; charset=utf-8";
}

bool is_proof_path(std::string_view path) {
    const std::string prefix = std::string(kAshlarPrefix).append(kRepositories);
    if (!path.starts_with(prefix) || !path.ends_with(kProof)) return false;
    if (path.size() < prefix.size() + kProof.size()) return false;
    const std::string_view named = named_by(path);
    const std::size_t slash = named.find('/');
    return slash != std::string_view::npos && slash > 0 && slash + 1 < named.size() &&
           named.find('/', slash + 1) == std::string_view::npos;
}

Expected<ProofQuestion> proof_question_of(const Request& request) {
    const std::string_view named = named_by(request.path);
    const std::size_t slash = named.find('/');
    ProofQuestion question;
    ASHLAR_TRY(question.owner, percent_decode(named.substr(0, slash)));
    ASHLAR_TRY(question.repository, percent_decode(named.substr(slash + 1)));
    ASHLAR_TRY(const auto query, parse_query(request.query));
    ASHLAR_TRY(question.format, proof_format_of(request, query));
    const auto ref = query.find("ref");
    if (ref == query.end()) return question;
    if (!ref->second.starts_with("refs/") || ref->second.size() > kRefNameLengthMax) {
        return fail(ErrorCode::invalid, "name the ref in full, such as ref=refs/heads/main");
    }
    question.ref = ref->second;
    return question;
}

std::string entity_tag(ByteView body) {
    return "\"" + crypto::hash(kEntityDomain, body).hex() + "\"";
}

Response tagged_answer(const Request& request, Bytes body, std::string_view content_type,
                       std::string_view caching) {
    Response response;
    const std::string tag = entity_tag(body);
    response.headers = {{"content-type", std::string(content_type)},
                        {"cache-control", std::string(caching)},
                        {"etag", tag},
                        {"vary", "accept, authorization"},
                        {"x-content-type-options", "nosniff"}};
    if (request.header("if-none-match").value_or("").find(tag) != std::string_view::npos) {
        response.status = 304;
        return response;
    }
    response.headers.emplace_back("content-length", std::to_string(body.size()));
    if (request.method != "HEAD") response.body = std::move(body);
    return response;
}

}  // namespace ashlar::api
