#include "native/machine/genesis_file.h"

#include <simdjson.h>

#include <set>
#include <utility>

namespace ashlar::machine {
namespace {

namespace dom = simdjson::dom;

Unexpected refused(const std::string& why) {
    return fail(ErrorCode::invalid, "genesis.json: " + why);
}

// Reads the members of one object, each of which must be there, and no other.
class Members {
  public:
    Members(dom::object object, std::string place) : object_(object), place_(std::move(place)) {}

    Expected<std::string> text(std::string_view name) {
        std::string_view value;
        if (find(name).get(value) != simdjson::SUCCESS) return missing(name, "text");
        return std::string(value);
    }
    Expected<std::uint64_t> number(std::string_view name, std::uint64_t value_max) {
        std::uint64_t value = 0;
        if (find(name).get(value) != simdjson::SUCCESS || value > value_max) {
            return missing(name, "a number of at most " + std::to_string(value_max));
        }
        return value;
    }
    Expected<dom::object> object(std::string_view name) {
        dom::object value;
        if (find(name).get(value) != simdjson::SUCCESS) return missing(name, "an object");
        return value;
    }
    Expected<dom::array> array(std::string_view name) {
        dom::array value;
        if (find(name).get(value) != simdjson::SUCCESS) return missing(name, "an array");
        return value;
    }
    Expected<void> check_nothing_else() const {
        std::set<std::string_view> found;
        for (const dom::key_value_pair member : object_) {
            if (!seen_.contains(std::string(member.key))) {
                return refused(place_ + " has an unknown member \"" + std::string(member.key) +
                               "\"");
            }
            if (!found.insert(member.key).second) {
                return refused(place_ + " has the member \"" + std::string(member.key) +
                               "\" twice");
            }
        }
        return {};
    }

  private:
    simdjson::simdjson_result<dom::element> find(std::string_view name) {
        seen_.insert(std::string(name));
        return object_.at_key(name);
    }
    Unexpected missing(std::string_view name, const std::string& kind) const {
        return refused(place_ + " needs the member \"" + std::string(name) + "\", which is " +
                       kind);
    }

    dom::object object_;
    std::string place_;
    std::set<std::string> seen_;
};

constexpr std::uint64_t kAny64 = ~std::uint64_t{0};
constexpr std::uint64_t kAny32 = ~std::uint32_t{0};

Expected<forge::Validator> read_validator(dom::object object) {
    Members members(object, "a validator");
    forge::Validator validator;
    ASHLAR_TRY(validator.name, members.text("name"));
    ASHLAR_TRY(const auto key, members.text("public_key"));
    auto public_key = crypto::PublicKey::from_hex(key);
    if (!public_key) return refused("a validator's public_key has 64 hexadecimal digits");
    validator.key = *public_key;
    ASHLAR_CHECK(members.check_nothing_else());
    return validator;
}

Expected<forge::GenesisAdministrator> read_administrator(dom::object object) {
    Members members(object, "the administrator");
    forge::GenesisAdministrator administrator;
    ASHLAR_TRY(administrator.login, members.text("login"));
    ASHLAR_TRY(const auto hash, members.text("token_secret_hash"));
    auto digest = crypto::Digest::from_hex(hash);
    if (!digest) return refused("token_secret_hash has 64 hexadecimal digits");
    administrator.token_secret_hash = *digest;
    ASHLAR_CHECK(members.check_nothing_else());
    return administrator;
}

Expected<forge::Settings> read_settings(dom::object object) {
    Members members(object, "settings");
    forge::Settings settings;
    const auto read_32 = [&members](std::string_view name, std::uint32_t& into) -> Expected<void> {
        ASHLAR_TRY(const auto value, members.number(name, kAny32));
        into = static_cast<std::uint32_t>(value);
        return {};
    };
    ASHLAR_CHECK(read_32("refs_per_push_max", settings.refs_per_push_max));
    ASHLAR_CHECK(read_32("refs_per_repository_max", settings.refs_per_repository_max));
    ASHLAR_CHECK(read_32("push_options_max", settings.push_options_max));
    ASHLAR_TRY(settings.pack_bytes_max, members.number("pack_bytes_max", kAny64));
    ASHLAR_TRY(settings.transaction_lifetime_max_ms,
               members.number("transaction_lifetime_max_ms", kAny64));
    ASHLAR_CHECK(members.check_nothing_else());
    return settings;
}

}  // namespace

Expected<forge::Genesis> genesis_from_json(std::string_view text) {
    dom::parser parser;
    dom::object object;
    const simdjson::padded_string padded(text);
    const auto failed = parser.parse(padded).get(object);
    if (failed != simdjson::SUCCESS) return refused(simdjson::error_message(failed));
    Members members(object, "the genesis");
    forge::Genesis genesis;
    ASHLAR_TRY(const auto version, members.number("format_version", kAny32));
    genesis.format_version = static_cast<std::uint32_t>(version);
    ASHLAR_TRY(genesis.network_name, members.text("network_name"));
    ASHLAR_TRY(genesis.time_ms, members.number("time_ms", kAny64));
    ASHLAR_TRY(const auto validators, members.array("validators"));
    for (const dom::element element : validators) {
        dom::object validator;
        if (element.get(validator) != simdjson::SUCCESS) return refused("a validator is an object");
        ASHLAR_TRY(auto read, read_validator(validator));
        genesis.validators.push_back(std::move(read));
    }
    ASHLAR_TRY(const auto administrator, members.object("administrator"));
    ASHLAR_TRY(genesis.administrator, read_administrator(administrator));
    ASHLAR_TRY(const auto settings, members.object("settings"));
    ASHLAR_TRY(genesis.settings, read_settings(settings));
    ASHLAR_CHECK(members.check_nothing_else());
    ASHLAR_CHECK(forge::check(genesis));
    return genesis;
}

}  // namespace ashlar::machine
