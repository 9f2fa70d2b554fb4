// /api/ashlar/v1: the network, its blocks and its validators.
#include <algorithm>
#include <charconv>

#include "api/network_json.h"
#include "codec/block.h"
#include "forge/validators.h"
#include "native/api/node_network.h"
#include "native/api/rest_fields.h"
#include "native/api/rest_handlers.h"

namespace ashlar::native {

namespace {

constexpr std::size_t kBlocksPerPageDefault = 30;

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return whole && !text.empty() ? std::optional(number) : std::nullopt;
}

Expected<std::optional<std::uint64_t>> number_parameter(const RestCall& call,
                                                        std::string_view name) {
    ASHLAR_TRY(const auto query, api::parse_query(call.request.query));
    const auto found = query.find(name);
    if (found == query.end()) return std::nullopt;
    const auto number = number_in(found->second);
    if (number) return number;
    return fail(ErrorCode::invalid, std::string(name) + " must be a whole number");
}

Expected<crypto::PublicKey> key_in(std::string_view text) {
    auto key = crypto::PublicKey::from_hex(text);
    if (key) return key;
    return fail(ErrorCode::invalid, "a public key has 64 hexadecimal digits");
}

// What came of a change, with the validators that decide from the next block on.
RestResult change_validators(const RestCall& call, const node::Author& author,
                             const forge::ChangeValidators& action, int status) {
    auto receipt = call.node.submit_and_wait(author, action);
    if (!receipt && receipt.error().code == ErrorCode::already_exists) {
        return validation_failed("Validator", "public_key", receipt.error().detail);
    }
    if (!receipt) return Unexpected(receipt.error());
    ASHLAR_TRY(const forge::ValidatorSet set, call.node.state()->validators());
    JsonWriter json;
    json.begin_object().number("height", receipt->height.value);
    json.number("epoch", set.epoch.value).key("validators").begin_array();
    for (const forge::Validator& validator : set.validators) {
        json.begin_object().text("name", validator.name);
        json.text("public_key", validator.key.hex()).key("address");
        validator.address.empty() ? json.null() : json.text(validator.address);
        json.end_object();
    }
    json.end_array().end_object();
    return api::rest_json(status, json.take());
}

Expected<const node::Author*> site_administrator(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, signed_in(call));
    ASHLAR_CHECK(forge::require(forge::may_administer_site(call.caller.viewer()),
                                "the network's validators"));
    return author;
}

RestResult get_consensus(const RestCall& call) {
    ASHLAR_TRY(const api::NetworkStatus status, NodeNetwork(call.node).status());
    JsonWriter json;
    api::write_consensus(json, status);
    return api::rest_json(200, json.take());
}

RestResult list_validators(const RestCall& call) {
    ASHLAR_TRY(const api::NetworkStatus status, NodeNetwork(call.node).status());
    JsonWriter json;
    api::write_validators(json, status);
    return api::rest_json(200, json.take());
}

RestResult list_evidence(const RestCall& call) {
    ASHLAR_TRY(const auto evidence, NodeNetwork(call.node).evidence(api::kEvidenceShownMax));
    JsonWriter json;
    api::write_evidence(json, evidence);
    return api::rest_json(200, json.take());
}

// The newest first; `below` is a height, and `per_page` how many.
RestResult list_blocks(const RestCall& call) {
    ASHLAR_TRY(const auto below, number_parameter(call, "below"));
    ASHLAR_TRY(const auto asked, number_parameter(call, "per_page"));
    const std::size_t count = static_cast<std::size_t>(std::clamp<std::uint64_t>(
        asked.value_or(kBlocksPerPageDefault), 1, api::kBlocksPerPageMax));
    const auto state = call.node.state();
    std::vector<ledger::BlockHeader> headers;
    if (below != 0) {
        const ledger::Height from(below ? *below - 1 : ~std::uint64_t{0});
        ASHLAR_TRY(headers, api::view_headers(*state, from, count));
    }
    JsonWriter json;
    json.begin_array();
    for (const ledger::BlockHeader& header : headers) {
        api::write_header(json, header, codec::digest_of(header));
    }
    json.end_array();
    api::Response response = api::rest_json(200, json.take());
    if (!headers.empty() && headers.back().height.value > 0) {
        std::string link = "<" + call.urls.base + call.request.path;
        link.append("?below=").append(std::to_string(headers.back().height.value));
        link.append("&per_page=").append(std::to_string(count)).append(">; rel=\"next\"");
        response.headers.emplace_back("link", link);
    }
    return response;
}

// By its height, or by its digest.
RestResult get_block(const RestCall& call) {
    const std::string& name = call.parameter(0);
    const auto state = call.node.state();
    auto height = number_in(name);
    if (!height || name.size() == 2 * crypto::Digest::kSize) {
        const auto digest = crypto::Digest::from_hex(name);
        if (!digest) return fail(ErrorCode::not_found, "block " + name);
        ASHLAR_TRY(const chain::StoredBlock stored, state->block(ledger::BlockDigest{*digest}));
        height = stored.block.header.height.value;
    }
    ASHLAR_TRY(const api::BlockView block,
               api::view_block(*state, call.caller.viewer(), ledger::Height(*height)));
    JsonWriter json;
    api::write_block(json, block);
    return api::rest_json(200, json.take());
}

RestResult add_validator(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, site_administrator(call));
    RestFields fields(call.body, "Validator");
    forge::Validator validator;
    const auto key = key_in(fields.required_text("public_key"));
    if (!key) fields.refuse("public_key", key.error().detail);
    validator.name = fields.required_text("name");
    validator.address = fields.text("address").value_or("");
    const auto valid = forge::check_validator(validator);
    if (!valid) fields.refuse("address", valid.error().detail);
    if (auto refusal = fields.refusal()) return std::move(*refusal);
    validator.key = *key;
    return change_validators(call, *author, {std::nullopt, validator}, 201);
}

// What the body does not say stays as it is: the key, the name, the address.
RestResult replace_validator(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, site_administrator(call));
    ASHLAR_TRY(const crypto::PublicKey old_key, key_in(call.parameter(0)));
    ASHLAR_TRY(const forge::ValidatorSet set, call.node.state()->validators());
    const auto found =
        std::find_if(set.validators.begin(), set.validators.end(),
                     [&](const forge::Validator& one) { return one.key == old_key; });
    if (found == set.validators.end()) return fail(ErrorCode::not_found, "validator");
    forge::Validator validator = *found;
    RestFields fields(call.body, "Validator");
    validator.name = fields.text("name").value_or(validator.name);
    validator.address = fields.text("address").value_or(validator.address);
    const auto key = key_in(fields.text("public_key").value_or(old_key.hex()));
    if (!key) fields.refuse("public_key", key.error().detail);
    const auto valid = forge::check_validator(validator);
    if (!valid) fields.refuse("address", valid.error().detail);
    if (auto refusal = fields.refusal()) return std::move(*refusal);
    validator.key = *key;
    return change_validators(call, *author, {old_key, validator}, 200);
}

RestResult remove_validator(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, site_administrator(call));
    ASHLAR_TRY(const crypto::PublicKey key, key_in(call.parameter(0)));
    return change_validators(call, *author, {key, std::nullopt}, 200);
}

}  // namespace

const std::vector<RestRoute>& network_routes() {
    static const std::vector<RestRoute> kRoutes = {
        {"GET", "/consensus", get_consensus},
        {"GET", "/blocks", list_blocks},
        {"GET", "/blocks/{height}", get_block},
        {"GET", "/validators", list_validators},
        {"POST", "/validators", add_validator},
        {"PUT", "/validators/{key}", replace_validator},
        {"DELETE", "/validators/{key}", remove_validator},
        {"GET", "/evidence", list_evidence},
    };
    return kRoutes;
}

}  // namespace ashlar::native
