#include "native/command/client_commands.h"

#include <cstdio>
#include <fstream>

#include "base/json_writer.h"
#include "native/api/json_reader.h"
#include "native/command/command_line.h"
#include "native/command/rest_client.h"

namespace ashlar::native {

namespace {

constexpr int kPageSize = 100;

int failed(const Error& error) {
    std::fprintf(stderr, "ashlar: %s\n", error.detail.c_str());
    return error.code == ErrorCode::unavailable ? kExitUnreachable : kExitFailed;
}

Expected<std::string> read_token(const ClientOptions& options) {
    if (options.token) return *options.token;
    std::ifstream file(options.token_file);
    std::string token;
    if (!(file >> token)) {
        return fail(ErrorCode::not_found,
                    "cannot read a token from " + options.token_file +
                        ": name the file with --token-file, or set ASHLAR_TOKEN");
    }
    return token;
}

Expected<RestClient> client_of(const ClientOptions& options) {
    ASHLAR_TRY(std::string token, read_token(options));
    return RestClient::at(options.server, std::move(token));
}

std::string text_member(const JsonValue& value, std::string_view name) {
    const JsonObject* object = value.object();
    if (object == nullptr) return "";
    auto found = object->find(name);
    const std::string* text = found == object->end() ? nullptr : found->second.text();
    return text == nullptr ? "" : *text;
}

bool boolean_member(const JsonValue& value, std::string_view name) {
    const JsonObject* object = value.object();
    auto found = object == nullptr ? JsonObject::const_iterator() : object->find(name);
    if (object == nullptr || found == object->end()) return false;
    const bool* boolean = found->second.boolean();
    return boolean != nullptr && *boolean;
}

// "Validation Failed: name already exists on this account"
Error error_of(const RestAnswer& answer) {
    auto body = read_json(as_bytes(answer.body));
    std::string text = body ? text_member(*body, "message") : "";
    if (text.empty()) text = "the server answered " + std::to_string(answer.status);
    const JsonObject* object = body ? body->object() : nullptr;
    auto errors = object == nullptr ? JsonObject::const_iterator() : object->find("errors");
    if (object != nullptr && errors != object->end() && errors->second.array() != nullptr) {
        for (const JsonValue& entry : *errors->second.array()) {
            std::string message = text_member(entry, "message");
            if (message.empty()) {
                message = text_member(entry, "field") + " " + text_member(entry, "code");
            }
            text += ": " + message;
        }
    }
    return {ErrorCode::invalid, std::move(text)};
}

// The JSON of an answer with a status of 200 to 299.
Expected<JsonValue> ask(const ClientOptions& options, std::string_view method,
                        const std::string& path, const std::string& json) {
    ASHLAR_TRY(RestClient client, client_of(options));
    ASHLAR_TRY(RestAnswer answer, client.request(method, path, json));
    if (answer.status < 200 || answer.status > 299) return Unexpected(error_of(answer));
    if (options.json) std::printf("%s\n", answer.body.c_str());
    if (answer.body.empty()) return JsonValue();
    return read_json(as_bytes(answer.body));
}

std::string encode_segment(std::string_view text) {
    static constexpr char kDigits[] = "0123456789ABCDEF";
    std::string encoded;
    for (char character : text) {
        auto byte = static_cast<unsigned char>(character);
        bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') ||
                     (byte >= 'a' && byte <= 'z') || byte == '-' || byte == '_' || byte == '.';
        if (plain) {
            encoded.push_back(character);
        } else {
            encoded.push_back('%');
            encoded.push_back(kDigits[byte >> 4]);
            encoded.push_back(kDigits[byte & 15]);
        }
    }
    return encoded;
}

}  // namespace

int create_account(const ClientOptions& options, const std::string& login) {
    JsonWriter json;
    json.begin_object().text("login", login).end_object();
    auto account = ask(options, "POST", "/admin/users", json.take());
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
    auto created =
        ask(options, "POST", "/admin/users/" + encode_segment(token.account) + "/authorizations",
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
    auto created = ask(options, "POST", "/user/repos", json.take());
    if (!created) return failed(created.error());
    if (!options.json) {
        std::printf("created %s\n  git clone %s\n", text_member(*created, "full_name").c_str(),
                    text_member(*created, "clone_url").c_str());
    }
    return kExitDone;
}

int list_repositories(const ClientOptions& options) {
    for (int page = 1;; ++page) {
        auto list = ask(
            options, "GET",
            "/user/repos?per_page=" + std::to_string(kPageSize) + "&page=" + std::to_string(page),
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
        auto user = ask(quiet, "GET", "/user", "");
        if (!user) return failed(user.error());
        owner = text_member(*user, "login");
    }
    auto deleted = ask(quiet, "DELETE",
                       "/repos/" + encode_segment(owner) + "/" + encode_segment(short_name), "");
    if (!deleted) return failed(deleted.error());
    if (!options.json) std::printf("deleted %s/%s\n", owner.c_str(), short_name.c_str());
    return kExitDone;
}

}  // namespace ashlar::native
