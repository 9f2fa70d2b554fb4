#include "chain/genesis_json.h"

#include "base/json_writer.h"

namespace ashlar::chain {

std::string to_json(const Genesis& genesis) {
    JsonWriter json;
    json.begin_object().number("format_version", genesis.format_version);
    json.text("network_name", genesis.network_name).number("time_ms", genesis.time_ms);
    json.key("validators").begin_array();
    for (const forge::Validator& validator : genesis.validators) {
        json.begin_object().text("name", validator.name);
        json.text("public_key", validator.key.hex()).end_object();
    }
    json.end_array();
    json.key("administrator").begin_object().text("login", genesis.administrator.login);
    json.text("token_secret_hash", genesis.administrator.token_secret_hash.hex()).end_object();
    const forge::Settings& settings = genesis.settings;
    json.key("settings").begin_object();
    json.number("refs_per_push_max", settings.refs_per_push_max);
    json.number("refs_per_repository_max", settings.refs_per_repository_max);
    json.number("push_options_max", settings.push_options_max);
    json.number("pack_bytes_max", settings.pack_bytes_max);
    json.number("transaction_lifetime_max_ms", settings.transaction_lifetime_max_ms);
    json.end_object().end_object();
    return json.take() + "\n";
}

}  // namespace ashlar::chain
