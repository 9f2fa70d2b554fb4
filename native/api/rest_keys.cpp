// SSH keys of accounts. An account has at most forge::kSshKeysMax, so that a list is one page.
#include <charconv>

#include "crypto/ssh.h"
#include "forge/names.h"
#include "native/api/rest_fields.h"
#include "native/api/rest_handlers.h"

namespace ashlar::native {

namespace {

constexpr std::string_view kResource = "PublicKey";

// The author, where its token may deal with the account's own keys.
Expected<const node::Author*> key_holder(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, signed_in(call));
    ASHLAR_CHECK(forge::require(
        forge::may_manage_tokens(call.caller.viewer(), author->account.id, {}), "SSH keys"));
    return author;
}

// One of the author's own keys; what is another's does not exist.
Expected<forge::SshKey> own_key(const RestCall& call, const node::Author& author) {
    const std::string& text = call.parameter(0);
    std::uint64_t id = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    if (!whole) return fail(ErrorCode::not_found, "SSH key " + text);
    ASHLAR_TRY(forge::SshKey key, call.node.state()->ssh_key(forge::SshKeyId(id)));
    if (key.account != author.account.id) return fail(ErrorCode::not_found, "SSH key " + text);
    return key;
}

RestResult key_answer(int status, const RestCall& call, const forge::SshKey& key) {
    JsonWriter json;
    api::write_ssh_key(json, call.urls, key);
    return api::rest_json(status, json.take());
}

}  // namespace

RestResult list_own_keys(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, key_holder(call));
    ASHLAR_TRY(const auto keys, call.node.state()->ssh_keys_of(author->account.id));
    JsonWriter json;
    json.begin_array();
    for (const forge::SshKey& key : keys) api::write_ssh_key(json, call.urls, key);
    json.end_array();
    return api::rest_json(200, json.take());
}

RestResult list_user_keys(const RestCall& call) {
    const auto state = call.node.state();
    ASHLAR_TRY(const forge::Account account, state->account(call.parameter(0)));
    ASHLAR_TRY(const auto keys, state->ssh_keys_of(account.id));
    JsonWriter json;
    json.begin_array();
    for (const forge::SshKey& key : keys) api::write_public_ssh_key(json, key);
    json.end_array();
    return api::rest_json(200, json.take());
}

RestResult create_own_key(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, key_holder(call));
    RestFields fields(call.body, std::string(kResource));
    forge::CreateSshKey action;
    action.account = author->account.id;
    action.title = fields.text("title").value_or("");
    const auto key = crypto::parse_ssh_public_key(fields.required_text("key"));
    if (!key) fields.refuse("key", "key is invalid: " + key.error().detail);
    const auto valid = forge::check_text("title", action.title, forge::kSshKeyTitleLengthMax);
    if (!valid) fields.refuse("title", valid.error().detail);
    if (auto refusal = fields.refusal()) return std::move(*refusal);
    action.key = *key;
    const auto receipt = call.node.submit_and_wait(*author, action);
    if (!receipt && (receipt.error().code == ErrorCode::already_exists ||
                     receipt.error().code == ErrorCode::limit_exceeded)) {
        return validation_failed(std::string(kResource), "key", receipt.error().detail);
    }
    if (!receipt) return Unexpected(receipt.error());
    ASHLAR_TRY(const forge::SshKey made, call.node.state()->ssh_key(receipt->result.ssh_key));
    return key_answer(201, call, made);
}

RestResult get_own_key(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, key_holder(call));
    ASHLAR_TRY(const forge::SshKey key, own_key(call, *author));
    return key_answer(200, call, key);
}

RestResult delete_own_key(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, key_holder(call));
    ASHLAR_TRY(const forge::SshKey key, own_key(call, *author));
    ASHLAR_TRY(const auto receipt, call.node.submit_and_wait(*author, forge::DeleteSshKey{key.id}));
    static_cast<void>(receipt);
    api::Response response;
    response.status = 204;
    return response;
}

}  // namespace ashlar::native
