#include "native/command/client_commands.h"

#include <cstdio>

#include "base/json_writer.h"
#include "native/command/client_answers.h"
#include "native/command/command_line.h"

namespace ashlar::native {

namespace {

constexpr int kPageSize = 100;

}  // namespace

int create_account(const ClientOptions& options, const std::string& login) {
    JsonWriter json;
    json.begin_object().text("login", login).end_object();
    auto account = ask(options, "POST", "/api/v3/admin/users", json.take());
    if (!account) return failed(account.error());
    if (!options.json) {
        std::printf("created the account %s\n", text_member(*account, "login").c_str());
    }
    return kExitDone;
}

int create_token(const ClientOptions& options, const TokenOptions& token) {
    JsonWriter json;
    json.begin_object().text("note", token.note).key("scopes").begin_array();
    for (const std::string& scope : token.scopes) json.text(scope);
    json.end_array().end_object();
    auto created = ask(options, "POST",
                       "/api/v3/admin/users/" + encode_segment(token.account) + "/authorizations",
                       json.take());
    if (!created) return failed(created.error());
    if (!options.json) {
        std::fprintf(stderr, "a token for %s, shown this once:\n", token.account.c_str());
        std::printf("%s\n", text_member(*created, "token").c_str());
    }
    return kExitDone;
}

int create_repository(const ClientOptions& options, const RepositoryOptions& repository) {
    JsonWriter json;
    json.begin_object().text("name", repository.name);
    if (!repository.description.empty()) json.text("description", repository.description);
    json.boolean("private", repository.is_private).end_object();
    auto created = ask(options, "POST", "/api/v3/user/repos", json.take());
    if (!created) return failed(created.error());
    if (!options.json) {
        std::printf("created %s\n  git clone %s\n", text_member(*created, "full_name").c_str(),
                    text_member(*created, "clone_url").c_str());
    }
    return kExitDone;
}

int list_repositories(const ClientOptions& options) {
    for (int page = 1;; ++page) {
        auto list = ask(options, "GET",
                        "/api/v3/user/repos?per_page=" + std::to_string(kPageSize) +
                            "&page=" + std::to_string(page),
                        "");
        if (!list) return failed(list.error());
        const JsonArray* repositories = list->array();
        if (repositories == nullptr) {
            return failed({ErrorCode::invalid, "the server's answer is no list"});
        }
        for (const JsonValue& repository : *repositories) {
            if (options.json) break;
            std::printf("%s%s\n", text_member(repository, "full_name").c_str(),
                        boolean_member(repository, "private") ? "  (private)" : "");
        }
        if (repositories->size() < kPageSize) return kExitDone;
    }
}

int delete_repository(const ClientOptions& options, const std::string& name) {
    std::size_t slash = name.find('/');
    std::string owner = name.substr(0, slash == std::string::npos ? 0 : slash);
    std::string short_name = slash == std::string::npos ? name : name.substr(slash + 1);
    ClientOptions quiet = options;
    quiet.json = false;
    if (owner.empty()) {
        auto user = ask(quiet, "GET", "/api/v3/user", "");
        if (!user) return failed(user.error());
        owner = text_member(*user, "login");
    }
    auto deleted =
        ask(quiet, "DELETE",
            "/api/v3/repos/" + encode_segment(owner) + "/" + encode_segment(short_name), "");
    if (!deleted) return failed(deleted.error());
    if (!options.json) std::printf("deleted %s/%s\n", owner.c_str(), short_name.c_str());
    return kExitDone;
}

}  // namespace ashlar::native
