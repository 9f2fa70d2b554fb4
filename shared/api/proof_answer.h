// Proofs over HTTP (docs/formats.md, "Proofs over HTTP"), as far as whoever has the proof, a
// validator or an edge, answers alike: in which form it is asked for, and what the answer says of
// itself.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/proof_json.h"
#include "api/request.h"

namespace ashlar::api {

enum class ProofFormat { json, capnp };

// By ?format=, else by the Accept header. Fails with `invalid`.
Expected<ProofFormat> proof_format_of(const Request& request,
                                      const std::map<std::string, std::string, std::less<>>& query);
std::string_view content_type_of(ProofFormat format);

template <typename Value>
Bytes proof_body(const Value& value, ProofFormat format) {
    return format == ProofFormat::capnp ? codec::encode(value) : to_bytes(to_json(value));
}

// Of which repository, and of which ref (absent: of all) ".../repos/OWNER/NAME/proof" is asked for.
struct ProofQuestion {
    std::string owner;
    std::string repository;
    std::optional<std::string> ref;
    ProofFormat format = ProofFormat::json;
};
// Whether the path is one of those.
bool is_proof_path(std::string_view path);
// Of such a path. Fails with `invalid` where the parameters make no sense.
Expected<ProofQuestion> proof_question_of(const Request& request);

// The strong tag of a body, in quotes.
std::string entity_tag(ByteView body);

// 200, or 304 where the request holds that body already; without it in answer to HEAD.
Response tagged_answer(const Request& request, Bytes body, std::string_view content_type,
                       std::string_view caching);

}  // namespace ashlar::api
