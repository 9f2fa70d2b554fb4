#include <cstdio>

#include "base/json_writer.h"
#include "crypto/ed25519.h"
#include "native/command/client_answers.h"
#include "native/command/command_line.h"
#include "native/node/clock.h"
#include "native/node/data_folder.h"

namespace ashlar::native {

namespace {

constexpr const char* kValidatorsPath = "/api/ashlar/v1/validators";

void print_validators(const JsonValue& answer) {
    const JsonArray* validators = array_member(answer, "validators");
    if (validators == nullptr) return;
    for (const JsonValue& validator : *validators) {
        std::printf("%-16s %s  %s%s%s\n", text_member(validator, "name").c_str(),
                    text_member(validator, "public_key").c_str(),
                    text_member(validator, "address").c_str(),
                    text_member(validator, "state").empty() ? "" : "  ",
                    text_member(validator, "state").c_str());
    }
}

// The public key of the validator that a person names by it or by its name.
Expected<std::string> find_key(const ClientOptions& options, const std::string& named) {
    if (crypto::PublicKey::from_hex(named)) return named;
    ClientOptions quiet = options;
    quiet.json = false;
    ASHLAR_TRY(const JsonValue answer, ask(quiet, "GET", kValidatorsPath, ""));
    const JsonArray* validators = array_member(answer, "validators");
    std::string key;
    for (const JsonValue& validator : validators == nullptr ? JsonArray() : *validators) {
        if (text_member(validator, "name") != named) continue;
        if (!key.empty()) {
            return fail(ErrorCode::invalid, "two validators are called \"" + named +
                                                "\": name the one you mean by its public key");
        }
        key = text_member(validator, "public_key");
    }
    if (!key.empty()) return key;
    return fail(ErrorCode::not_found,
                "no validator is called \"" + named + "\" (\"ashlar validator list\" shows all)");
}

std::string json_of(const ValidatorOptions& validator) {
    JsonWriter json;
    json.begin_object();
    if (!validator.key.empty()) json.text("public_key", validator.key);
    if (!validator.name.empty()) json.text("name", validator.name);
    if (!validator.address.empty()) json.text("address", validator.address);
    json.end_object();
    return json.take();
}

int tell(const ClientOptions& options, const Expected<JsonValue>& answer) {
    if (!answer) return failed(answer.error());
    if (options.json) return kExitDone;
    std::printf("decided at height %llu; epoch %llu is decided by\n",
                static_cast<unsigned long long>(number_member(*answer, "height")),
                static_cast<unsigned long long>(number_member(*answer, "epoch")));
    print_validators(*answer);
    return kExitDone;
}

}  // namespace

int show_validator_key(const std::string& path) {
    node::SystemRandom random;
    const auto key = node::read_or_make_key(path, random);
    if (!key) return failed(key.error());
    std::printf("%s\n", key->public_key().hex().c_str());
    return kExitDone;
}

int list_validators(const ClientOptions& options) {
    const auto answer = ask(options, "GET", kValidatorsPath, "");
    if (!answer) return failed(answer.error());
    if (!options.json) print_validators(*answer);
    return kExitDone;
}

int add_validator(const ClientOptions& options, const ValidatorOptions& validator) {
    return tell(options, ask(options, "POST", kValidatorsPath, json_of(validator)));
}

int replace_validator(const ClientOptions& options, const ValidatorOptions& validator) {
    const auto key = find_key(options, validator.validator);
    if (!key) return failed(key.error());
    return tell(options,
                ask(options, "PUT", std::string(kValidatorsPath) + "/" + *key, json_of(validator)));
}

int remove_validator(const ClientOptions& options, const ValidatorOptions& validator) {
    const auto key = find_key(options, validator.validator);
    if (!key) return failed(key.error());
    return tell(options, ask(options, "DELETE", std::string(kValidatorsPath) + "/" + *key, ""));
}

}  // namespace ashlar::native
