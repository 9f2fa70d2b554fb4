#include "native/api/proof_api.h"

#include <charconv>
#include <vector>

#include "api/proof_json.h"
#include "chain/ref_receipt.h"
#include "codec/genesis.h"
#include "forge/names.h"
#include "native/api/authentication.h"
#include "native/api/rest_api.h"
#include "native/api/visible.h"
#include "native/node/data_folder.h"

namespace ashlar::native {

namespace {

constexpr std::size_t kRefNameLengthMax = 4096;

struct Format {
    bool capnp = false;
};

// A body in the wanted form, and who may keep it.
struct Answer {
    Bytes body;
    std::string_view caching;
};

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

enum class Resource { none, genesis, header, epoch, proof };

Resource resource_of(const std::vector<std::string>& segments) {
    const std::size_t count = segments.size();
    if (count == 1 && segments[0] == "genesis") return Resource::genesis;
    if (count == 2 && segments[0] == "headers") return Resource::header;
    if (count == 2 && segments[0] == "epochs") return Resource::epoch;
    if (count == 4 && segments[0] == "repos" && segments[3] == "proof") return Resource::proof;
    return Resource::none;
}

// One of all refs may be long, and takes as long to make.
bool is_long(Resource resource, const api::Request& request) {
    if (resource != Resource::proof) return false;
    const auto query = api::parse_query(request.query);
    return query && !query->contains("ref");
}

Expected<http::HttpReply> try_reply(const node::Node& node, const api::Request& request,
                                    Resource resource, const std::vector<std::string>& segments,
                                    BodyBudget& budget) {
    ASHLAR_TRY(const auto query, api::parse_query(request.query));
    ASHLAR_TRY(const Format format, format_of(request, query));
    Answer answer;
    switch (resource) {
        case Resource::genesis: {
            const forge::Genesis& genesis = node.genesis();
            answer.body = format.capnp ? codec::encode(genesis) : to_bytes(node::to_json(genesis));
            answer.caching = kAskAgain;
            break;
        }
        case Resource::header: {
            ASHLAR_TRY(answer, header_at(node, segments[1], format));
            break;
        }
        case Resource::epoch: {
            ASHLAR_TRY(answer, end_of_epoch(node, segments[1], format));
            break;
        }
        case Resource::proof: {
            ASHLAR_TRY(answer, proof_of(node, request, segments[1], segments[2], query, format));
            break;
        }
        case Resource::none:
            return fail(ErrorCode::not_found, request.path);
    }
    Entity entity;
    entity.body = std::move(answer.body);
    entity.content_type = format.capnp ? api::kCapnpType : "application/json; charset=utf-8";
    entity.caching = answer.caching;
    return entity_reply(request, std::move(entity), budget);
}

http::HttpReply reply_to(const node::Node& node, const api::Request& request, Resource resource,
                         const std::vector<std::string>& segments, BodyBudget& budget) {
    auto reply = try_reply(node, request, resource, segments, budget);
    if (reply) return *std::move(reply);
    http::HttpReply refusal;
    refusal.response = rest_error_of(reply.error());
    return refusal;
}

}  // namespace

std::optional<ProofApi::Answer> ProofApi::answer(const api::Request& request) const {
    const auto segments = segments_below(api::kAshlarPrefix, request.path);
    const Resource resource = segments ? resource_of(*segments) : Resource::none;
    if (resource == Resource::none) return std::nullopt;
    if (!is_get(request)) return only_get_reply();
    if (!is_long(resource, request)) return reply_to(node_, request, resource, *segments, held_);
    return long_plan([this, request = api::Request(request), resource, segments = *segments] {
        return reply_to(node_, request, resource, segments, held_);
    });
}

}  // namespace ashlar::native
