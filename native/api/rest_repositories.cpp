#include <charconv>

#include "forge/names.h"
#include "native/api/rest_fields.h"
#include "native/api/rest_handlers.h"

namespace ashlar::native {

namespace {

constexpr std::uint64_t kPerPageDefault = 30;
constexpr std::uint64_t kPerPageMax = 100;
constexpr std::uint64_t kPageMax = 1'000'000;

struct PageAsked {
    std::uint64_t number = 1;
    std::uint64_t size = kPerPageDefault;
};

// As GitHub does, what is no sensible number counts as not given, and what is too large is cut.
std::uint64_t number_of(const std::map<std::string, std::string, std::less<>>& query,
                        std::string_view name, std::uint64_t otherwise, std::uint64_t largest) {
    auto found = query.find(name);
    if (found == query.end()) return otherwise;
    const std::string& text = found->second;
    std::uint64_t number = 0;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    if (!whole || number == 0) return otherwise;
    return std::min(number, largest);
}

Expected<PageAsked> page_of(const RestCall& call) {
    ASHLAR_TRY(auto query, api::parse_query(call.request.query));
    return PageAsked{number_of(query, "page", 1, kPageMax),
                     number_of(query, "per_page", kPerPageDefault, kPerPageMax)};
}

// The Link header (RFC 8288) as GitHub sends it, where there are other pages.
std::string links(const RestCall& call, const PageAsked& page, bool more) {
    std::string header;
    auto add = [&](std::uint64_t number, std::string_view relation) {
        if (!header.empty()) header.append(", ");
        header.append("<").append(call.urls.base).append(call.request.path);
        header.append("?page=").append(std::to_string(number));
        header.append("&per_page=").append(std::to_string(page.size));
        header.append(">; rel=\"").append(relation).append("\"");
    };
    if (page.number > 1) add(page.number - 1, "prev");
    if (more) add(page.number + 1, "next");
    if (page.number > 1) add(1, "first");
    return header;
}

RestResult list_repositories_of(const RestCall& call, const forge::Account& owner) {
    ASHLAR_TRY(PageAsked page, page_of(call));
    forge::Viewer viewer = call.caller.viewer();
    auto visible = [&](const forge::Repository& repository) {
        return forge::may(viewer, repository, forge::RepositoryAction::read) ==
               forge::Permission::allowed;
    };
    chain::Page asked{(page.number - 1) * page.size, static_cast<std::size_t>(page.size) + 1};
    ASHLAR_TRY(auto found, call.node.state()->repositories_of(owner.id, asked, visible));
    bool more = found.size() > page.size;
    if (more) found.pop_back();
    JsonWriter json;
    json.begin_array();
    for (const forge::Repository& repository : found) {
        api::write_repository(json, call.urls, repository, owner, viewer);
    }
    json.end_array();
    api::Response response = api::rest_json(200, json.take());
    std::string header = links(call, page, more);
    if (!header.empty()) response.headers.emplace_back("link", header);
    return response;
}

// What GitHub would also do on creation, and this does not yet: better refused than left out.
void refuse_unserved(RestFields& fields) {
    for (const char* name : {"gitignore_template", "license_template"}) {
        auto value = fields.text(name);
        if (value && !value->empty()) fields.refuse(name, std::string(name) + " is not served yet");
    }
    if (fields.boolean("auto_init").value_or(false)) {
        fields.refuse("auto_init", "auto_init is not served yet: push a first commit instead");
    }
}

forge::Visibility visibility_of(RestFields& fields) {
    auto visibility = fields.text("visibility");
    bool is_private = fields.boolean("private").value_or(false);
    if (visibility && *visibility != "public" && *visibility != "private") {
        fields.refuse("visibility", "visibility must be public or private");
    }
    if (visibility) is_private = *visibility == "private";
    return is_private ? forge::Visibility::visible_to_members : forge::Visibility::visible_to_all;
}

}  // namespace

RestResult list_own_repositories(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, signed_in(call));
    return list_repositories_of(call, author->account);
}

RestResult list_user_repositories(const RestCall& call) {
    ASHLAR_TRY(forge::Account owner, call.node.state()->account(call.parameter(0)));
    return list_repositories_of(call, owner);
}

RestResult create_own_repository(const RestCall& call) {
    ASHLAR_TRY(const node::Author* author, signed_in(call));
    RestFields fields(call.body, "Repository");
    forge::CreateRepository action;
    action.owner = author->account.id;
    action.name = fields.required_text("name");
    action.description = fields.text("description").value_or("");
    action.default_branch = fields.text("default_branch").value_or(action.default_branch);
    action.visibility = visibility_of(fields);
    refuse_unserved(fields);
    if (auto refusal = fields.refusal()) return std::move(*refusal);
    auto named = forge::check_repository_name(action.name);
    if (!named) return validation_failed("Repository", "name", named.error().detail);
    ASHLAR_CHECK(forge::require(
        forge::may_create_repository(call.caller.viewer(), author->account, action.visibility),
        "the repositories of " + author->account.login));
    auto receipt = call.node.submit_and_wait(*author, action);
    if (!receipt && receipt.error().code == ErrorCode::already_exists) {
        return validation_failed("Repository", "name", "name already exists on this account");
    }
    if (!receipt && receipt.error().code == ErrorCode::invalid) {
        return validation_failed("Repository", "", receipt.error().detail);
    }
    if (!receipt) return Unexpected(receipt.error());
    ASHLAR_TRY(forge::Repository repository,
               call.node.state()->repository(receipt->result.repository));
    JsonWriter json;
    api::write_repository(json, call.urls, repository, author->account, call.caller.viewer());
    api::Response response = api::rest_json(201, json.take());
    response.headers.emplace_back(
        "location",
        call.urls.api() + "/repos/" + forge::full_name(author->account.login, repository.name));
    return response;
}

RestResult get_repository(const RestCall& call) {
    ASHLAR_TRY(node::RepositoryView view,
               call.node.open_repository(call.caller.viewer(), call.parameter(0), call.parameter(1),
                                         forge::RepositoryAction::read));
    JsonWriter json;
    api::write_repository(json, call.urls, view.repository, view.owner, call.caller.viewer());
    return api::rest_json(200, json.take());
}

RestResult delete_repository(const RestCall& call) {
    ASHLAR_TRY(node::RepositoryView view,
               call.node.open_repository(call.caller.viewer(), call.parameter(0), call.parameter(1),
                                         forge::RepositoryAction::remove));
    ASHLAR_TRY(const node::Author* author, signed_in(call));
    auto receipt = call.node.submit_and_wait(*author, forge::DeleteRepository{view.repository.id});
    if (!receipt) return Unexpected(receipt.error());
    api::Response response;
    response.status = 204;
    return response;
}

}  // namespace ashlar::native
