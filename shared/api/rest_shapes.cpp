#include "api/rest_shapes.h"

#include "base/base64.h"
#include "crypto/ssh.h"
#include "forge/names.h"

namespace ashlar::api {

namespace {

constexpr std::string_view kDocumentation = "https://docs.github.com/rest";

// Days since 1970 to year, month, day (Howard Hinnant, "chrono-Compatible Low-Level Date
// Algorithms", civil_from_days).
struct Day {
    std::uint64_t year;
    std::uint64_t month;
    std::uint64_t day;
};

Day day_of(std::uint64_t days_since_1970) {
    std::uint64_t days = days_since_1970 + 719'468;
    std::uint64_t era = days / 146'097;
    std::uint64_t of_era = days % 146'097;
    std::uint64_t year_of_era =
        (of_era - of_era / 1'460 + of_era / 36'524 - of_era / 146'096) / 365;
    std::uint64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    std::uint64_t shifted_month = (5 * of_year + 2) / 153;
    std::uint64_t day = of_year - (153 * shifted_month + 2) / 5 + 1;
    std::uint64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

std::string padded(std::uint64_t number, std::size_t width) {
    std::string text = std::to_string(number);
    return text.size() < width ? std::string(width - text.size(), '0') + text : text;
}

std::string node_id(std::string_view kind, std::uint64_t id) {
    std::string text(kind);
    text.append(":").append(std::to_string(id));
    return to_base64(as_bytes(text));
}

void write_user_members(JsonWriter& json, const RestUrls& urls, const forge::Account& account) {
    std::string url = urls.api() + "/users/" + account.login;
    bool is_user = account.kind == forge::AccountKind::user;
    json.text("login", account.login).number("id", account.id.value);
    json.text("node_id", node_id("User", account.id.value));
    json.text("avatar_url", "").text("gravatar_id", "");
    json.text("url", url).text("html_url", urls.base + "/" + account.login);
    json.text("followers_url", url + "/followers");
    json.text("following_url", url + "/following{/other_user}");
    json.text("gists_url", url + "/gists{/gist_id}");
    json.text("starred_url", url + "/starred{/owner}{/repo}");
    json.text("subscriptions_url", url + "/subscriptions");
    json.text("organizations_url", url + "/orgs");
    json.text("repos_url", url + "/repos");
    json.text("events_url", url + "/events{/privacy}");
    json.text("received_events_url", url + "/received_events");
    json.text("type", is_user ? "User" : "Organization");
    json.boolean("site_admin", account.site_administrator);
}

struct UrlTemplate {
    std::string_view name;
    std::string_view suffix;
};

// The addresses of a repository's parts, as GitHub's clients expand them.
constexpr UrlTemplate kRepositoryUrls[] = {
    {"archive_url", "/{archive_format}{/ref}"},
    {"assignees_url", "/assignees{/user}"},
    {"blobs_url", "/git/blobs{/sha}"},
    {"branches_url", "/branches{/branch}"},
    {"collaborators_url", "/collaborators{/collaborator}"},
    {"comments_url", "/comments{/number}"},
    {"commits_url", "/commits{/sha}"},
    {"compare_url", "/compare/{base}...{head}"},
    {"contents_url", "/contents/{+path}"},
    {"contributors_url", "/contributors"},
    {"deployments_url", "/deployments"},
    {"downloads_url", "/downloads"},
    {"events_url", "/events"},
    {"forks_url", "/forks"},
    {"git_commits_url", "/git/commits{/sha}"},
    {"git_refs_url", "/git/refs{/sha}"},
    {"git_tags_url", "/git/tags{/sha}"},
    {"hooks_url", "/hooks"},
    {"issue_comment_url", "/issues/comments{/number}"},
    {"issue_events_url", "/issues/events{/number}"},
    {"issues_url", "/issues{/number}"},
    {"keys_url", "/keys{/key_id}"},
    {"labels_url", "/labels{/name}"},
    {"languages_url", "/languages"},
    {"merges_url", "/merges"},
    {"milestones_url", "/milestones{/number}"},
    {"notifications_url", "/notifications{?since,all,participating}"},
    {"pulls_url", "/pulls{/number}"},
    {"releases_url", "/releases{/id}"},
    {"stargazers_url", "/stargazers"},
    {"statuses_url", "/statuses/{sha}"},
    {"subscribers_url", "/subscribers"},
    {"subscription_url", "/subscription"},
    {"tags_url", "/tags"},
    {"teams_url", "/teams"},
    {"trees_url", "/git/trees{/sha}"},
};

void write_repository_urls(JsonWriter& json, const RestUrls& urls, std::string_view full_name) {
    std::string page = urls.base + "/" + std::string(full_name);
    std::string api = urls.api() + "/repos/" + std::string(full_name);
    json.text("html_url", page).text("url", api);
    json.text("clone_url", page + ".git").text("svn_url", page);
    // What is not served has no address; clients need the member.
    json.text("git_url", "").text("ssh_url", "");
    json.null("mirror_url").null("homepage");
    for (const UrlTemplate& part : kRepositoryUrls) {
        json.text(part.name, api + std::string(part.suffix));
    }
}

void write_permissions(JsonWriter& json, const forge::Repository& repository,
                       const forge::Viewer& viewer) {
    auto allows = [&](forge::RepositoryAction action) {
        return forge::may(viewer, repository, action) == forge::Permission::allowed;
    };
    bool writes = allows(forge::RepositoryAction::write);
    bool administers = allows(forge::RepositoryAction::administer);
    json.key("permissions").begin_object();
    json.boolean("admin", administers).boolean("maintain", administers);
    json.boolean("push", writes).boolean("triage", writes);
    json.boolean("pull", allows(forge::RepositoryAction::read)).end_object();
}

}  // namespace

std::string rest_time(std::uint64_t time_ms) {
    std::uint64_t seconds = time_ms / 1000;
    Day day = day_of(seconds / 86'400);
    std::uint64_t of_day = seconds % 86'400;
    return padded(day.year, 4) + "-" + padded(day.month, 2) + "-" + padded(day.day, 2) + "T" +
           padded(of_day / 3600, 2) + ":" + padded(of_day / 60 % 60, 2) + ":" +
           padded(of_day % 60, 2) + "Z";
}

void write_simple_user(JsonWriter& json, const RestUrls& urls, const forge::Account& account) {
    json.begin_object();
    write_user_members(json, urls, account);
    json.end_object();
}

void write_user(JsonWriter& json, const RestUrls& urls, const forge::Account& account) {
    json.begin_object();
    write_user_members(json, urls, account);
    for (const char* name : {"name", "company", "blog", "location", "email", "hireable", "bio"}) {
        json.null(name);
    }
    json.number("followers", 0).number("following", 0);
    json.text("created_at", rest_time(account.created_ms));
    json.text("updated_at", rest_time(account.created_ms)).end_object();
}

void write_repository(JsonWriter& json, const RestUrls& urls, const forge::Repository& repository,
                      const forge::Account& owner, const forge::Viewer& viewer) {
    std::string full_name = forge::full_name(owner.login, repository.name);
    bool is_private = repository.visibility != forge::Visibility::visible_to_all;
    json.begin_object().number("id", repository.id.value);
    json.text("node_id", node_id("Repository", repository.id.value));
    json.text("name", repository.name).text("full_name", full_name);
    json.boolean("private", is_private);
    json.text("visibility", forge::to_string(repository.visibility));
    json.key("owner");
    write_simple_user(json, urls, owner);
    json.key("description");
    repository.description.empty() ? json.null() : json.text(repository.description);
    json.boolean("fork", false).boolean("archived", false).boolean("disabled", false);
    json.boolean("is_template", false);
    write_repository_urls(json, urls, full_name);
    json.text("default_branch", repository.default_branch);
    json.number("size", repository.pack_bytes / 1024);  // KiB, as GitHub counts
    json.text("created_at", rest_time(repository.created_ms));
    json.text("updated_at", rest_time(repository.updated_ms));
    json.text("pushed_at", rest_time(repository.pushed_ms.value_or(repository.created_ms)));
    json.null("language").null("license").key("topics").begin_array().end_array();
    for (const char* name : {"forks", "forks_count", "stargazers_count", "watchers",
                             "watchers_count", "open_issues", "open_issues_count"}) {
        json.number(name, 0);
    }
    for (const char* name : {"has_issues", "has_projects", "has_wiki", "has_pages", "has_downloads",
                             "has_discussions"}) {
        json.boolean(name, false);
    }
    write_permissions(json, repository, viewer);
    json.end_object();
}

void write_authorization(JsonWriter& json, const RestUrls& urls, const forge::Token& token,
                         std::string_view secret) {
    std::size_t shown = secret.size() < 8 ? 0 : secret.size() - 8;
    json.begin_object().number("id", token.id.value);
    json.text("url", urls.api() + "/authorizations/" + std::to_string(token.id.value));
    json.text("token", secret).text("token_last_eight", secret.substr(shown));
    json.text("hashed_token", token.secret_hash.hex());
    json.key("app").begin_object().text("name", token.name).text("url", urls.base);
    json.text("client_id", "00000000000000000000").end_object();
    json.text("note", token.name).null("note_url").null("fingerprint");
    json.text("created_at", rest_time(token.created_ms));
    json.text("updated_at", rest_time(token.created_ms));
    json.text_or_null("expires_at", token.expires_ms ? std::optional(rest_time(*token.expires_ms))
                                                     : std::nullopt);
    json.key("scopes").begin_array();
    for (const std::string& name : forge::to_names(token.scopes)) json.text(name);
    json.end_array().end_object();
}

void write_ssh_key(JsonWriter& json, const RestUrls& urls, const forge::SshKey& key) {
    const std::string id = std::to_string(key.id.value);
    json.begin_object().number("id", key.id.value);
    json.text("key", crypto::format_ssh_public_key(key.key)).text("title", key.title);
    json.text("url", urls.api() + "/user/keys/" + id);
    json.text("created_at", rest_time(key.created_ms));
    json.text("fingerprint", crypto::ssh_fingerprint(key.key));
    json.boolean("verified", true).boolean("read_only", false).end_object();
}

void write_public_ssh_key(JsonWriter& json, const forge::SshKey& key) {
    json.begin_object().number("id", key.id.value);
    json.text("key", crypto::format_ssh_public_key(key.key)).end_object();
}

Response rest_json(int status, std::string json) {
    Response response;
    response.status = status;
    response.headers = {{"content-type", "application/json; charset=utf-8"},
                        {"x-github-media-type", "github.v3; format=json"},
                        {"cache-control", "private, no-store"},
                        {"x-content-type-options", "nosniff"}};
    response.body = to_bytes(json);
    return response;
}

Response rest_error(int status, std::string_view message,
                    const std::vector<RestFieldError>& errors) {
    JsonWriter json;
    json.begin_object().text("message", message);
    if (!errors.empty()) {
        json.key("errors").begin_array();
        for (const RestFieldError& error : errors) {
            json.begin_object().text("resource", error.resource).text("code", error.code);
            json.text("field", error.field);
            if (!error.message.empty()) json.text("message", error.message);
            json.end_object();
        }
        json.end_array();
    }
    json.text("documentation_url", kDocumentation).text("status", std::to_string(status));
    json.end_object();
    Response response = rest_json(status, json.take());
    if (status == 401) {
        response.headers.emplace_back("www-authenticate",
                                      "Basic realm=\"Ashlar\", charset=\"UTF-8\"");
    }
    return response;
}

}  // namespace ashlar::api
