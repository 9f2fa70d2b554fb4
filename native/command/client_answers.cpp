#include "native/command/client_answers.h"

#include <cstdio>
#include <fstream>

#include "native/command/command_line.h"
#include "native/command/rest_client.h"

namespace ashlar::native {

namespace {

const JsonValue* find_member(const JsonValue& value, std::string_view name) {
    const JsonObject* object = value.object();
    if (object == nullptr) return nullptr;
    const auto found = object->find(name);
    return found == object->end() ? nullptr : &found->second;
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

// "Validation Failed: name already exists on this account"
Error error_of(const RestAnswer& answer) {
    auto body = read_json(as_bytes(answer.body));
    std::string text = body ? text_member(*body, "message") : "";
    if (text.empty()) text = "the server answered " + std::to_string(answer.status);
    const JsonArray* errors = body ? array_member(*body, "errors") : nullptr;
    if (errors == nullptr) return {ErrorCode::invalid, std::move(text)};
    for (const JsonValue& entry : *errors) {
        std::string message = text_member(entry, "message");
        if (message.empty()) {
            message = text_member(entry, "field") + " " + text_member(entry, "code");
        }
        text += ": " + message;
    }
    return {ErrorCode::invalid, std::move(text)};
}

}  // namespace

int failed(const Error& error) {
    std::fprintf(stderr, "ashlar: %s\n", error.detail.c_str());
    return error.code == ErrorCode::unavailable ? kExitUnreachable : kExitFailed;
}

std::string text_member(const JsonValue& value, std::string_view name) {
    const JsonValue* member = find_member(value, name);
    const std::string* text = member == nullptr ? nullptr : member->text();
    return text == nullptr ? "" : *text;
}

bool boolean_member(const JsonValue& value, std::string_view name) {
    const JsonValue* member = find_member(value, name);
    const bool* boolean = member == nullptr ? nullptr : member->boolean();
    return boolean != nullptr && *boolean;
}

std::uint64_t number_member(const JsonValue& value, std::string_view name) {
    const JsonValue* member = find_member(value, name);
    const auto number = member == nullptr ? std::nullopt : member->integer();
    return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

const JsonArray* array_member(const JsonValue& value, std::string_view name) {
    const JsonValue* member = find_member(value, name);
    return member == nullptr ? nullptr : member->array();
}

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

}  // namespace ashlar::native
