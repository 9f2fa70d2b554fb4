#include "forge/names.h"
#include "native/api/rest_fields.h"
#include "native/api/rest_handlers.h"

namespace ashlar::native {

namespace {

// What the server of GitHub whose REST this speaks calls itself: clients ask for a version.
constexpr std::string_view kInstalledVersion = "3.14.0";

struct RootUrl {
    std::string_view name;
    std::string_view path;
};
constexpr RootUrl kRootUrls[] = {
    {"current_user_url", "/user"},
    {"current_user_repositories_url", "/user/repos{?type,page,per_page,sort}"},
    {"repository_url", "/repos/{owner}/{repo}"},
    {"user_url", "/users/{user}"},
    {"user_repositories_url", "/users/{user}/repos{?type,page,per_page,sort}"},
};

Expected<void> require_administrator(const RestCall& call) {
    return forge::require(forge::may_administer_site(call.caller.viewer()),
                          "the administration of this site");
}

}  // namespace

Expected<const node::Author*> signed_in(const RestCall& call) {
    if (!call.caller.author) return fail(ErrorCode::unauthenticated, "Requires authentication");
    return &*call.caller.author;
}

RestResult get_root(const RestCall& call) {
    JsonWriter json;
    json.begin_object();
    for (const RootUrl& url : kRootUrls) {
        json.text(url.name, call.urls.api() + std::string(url.path));
    }
    json.end_object();
    return api::rest_json(200, json.take());
}

RestResult get_meta(const RestCall&) {
    JsonWriter json;
    json.begin_object().boolean("verifiable_password_authentication", false);
    json.text("installed_version", kInstalledVersion).end_object();
    return api::rest_json(200, json.take());
}

RestResult get_current_user(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, signed_in(call));
    JsonWriter json;
    api::write_user(json, call.urls, author->account);
    return api::rest_json(200, json.take());
}

RestResult get_user(const RestCall& call) {
    ASHLAR_TRY(forge::Account account, call.node.state()->account(call.parameter(0)));
    JsonWriter json;
    api::write_user(json, call.urls, account);
    return api::rest_json(200, json.take());
}

RestResult create_user(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, signed_in(call));
    ASHLAR_CHECK(require_administrator(call));
    RestFields fields(call.body, "User");
    forge::CreateAccount action;
    action.login = fields.required_text("login");
    if (fields.boolean("suspended").value_or(false)) {
        fields.refuse("suspended", "accounts cannot be suspended yet");
    }
    if (auto refusal = fields.refusal()) return std::move(*refusal);
    auto valid = forge::check_login(action.login);
    if (!valid) return validation_failed("User", "login", valid.error().detail);
    auto receipt = call.node.submit_and_wait(*author, action);
    if (!receipt && receipt.error().code == ErrorCode::already_exists) {
        return validation_failed("User", "login", "login is already taken");
    }
    if (!receipt) return Unexpected(receipt.error());
    ASHLAR_TRY(forge::Account account, call.node.state()->account(receipt->result.account));
    JsonWriter json;
    api::write_simple_user(json, call.urls, account);
    return api::rest_json(201, json.take());
}

RestResult create_user_token(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, signed_in(call));
    ASHLAR_CHECK(require_administrator(call));
    ASHLAR_TRY(forge::Account account, call.node.state()->account(call.parameter(0)));
    RestFields fields(call.body, "Authorization");
    forge::CreateToken action;
    action.account = account.id;
    action.name = fields.text("note").value_or("");
    auto names = fields.texts("scopes");
    auto scopes = forge::scopes_from_names(names.value_or(std::vector<std::string>{"repo"}));
    if (!scopes) fields.refuse("scopes", scopes.error().detail);
    auto valid = forge::check_text("note", action.name, forge::kTokenNameLengthMax);
    if (!valid) fields.refuse("note", valid.error().detail);
    if (auto refusal = fields.refusal()) return std::move(*refusal);
    action.scopes = *scopes;
    ASHLAR_TRY(node::NewToken created, call.node.create_token(*author, action));
    ASHLAR_TRY(forge::Token token, call.node.state()->token_by_secret(created.secret));
    JsonWriter json;
    api::write_authorization(json, call.urls, token, created.secret);
    return api::rest_json(201, json.take());
}

}  // namespace ashlar::native
