#include <algorithm>

#include "forge/names.h"
#include "forge/rule_set.h"
#include "forge/validators.h"

namespace ashlar::forge {

namespace {

constexpr std::uint32_t kPortMax = 65535;
constexpr std::size_t kPortDigitsMax = 5;

bool is_port(std::string_view text) {
    if (text.empty() || text.size() > kPortDigitsMax || text.front() == '0') return false;
    std::uint32_t port = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return false;
        port = port * 10 + static_cast<std::uint32_t>(digit - '0');
    }
    return port <= kPortMax;
}

// A name or an address, an IPv6 one in brackets; whether there is such a host, nobody knows here.
bool is_host(std::string_view text) {
    const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
    if (bracketed) text = text.substr(1, text.size() - 2);
    if (text.empty()) return false;
    return std::all_of(text.begin(), text.end(), [bracketed](char character) {
        const bool plain = (character >= 'a' && character <= 'z') ||
                           (character >= 'A' && character <= 'Z') ||
                           (character >= '0' && character <= '9') || character == '.';
        return plain || character == (bracketed ? ':' : '-');
    });
}

std::vector<Validator>::const_iterator find_key(const std::vector<Validator>& validators,
                                                const crypto::PublicKey& key) {
    return std::find_if(validators.begin(), validators.end(),
                        [&key](const Validator& one) { return one.key == key; });
}

Expected<void> remove_from(std::vector<Validator>& validators, const crypto::PublicKey& key) {
    const auto found = find_key(validators, key);
    if (found == validators.end()) {
        return fail(ErrorCode::not_found, "no validator has the key " + key.hex());
    }
    validators.erase(found);
    return {};
}

Expected<void> add_to(std::vector<Validator>& validators, const Validator& validator) {
    ASHLAR_CHECK(check_validator(validator));
    if (find_key(validators, validator.key) != validators.end()) {
        return fail(ErrorCode::already_exists,
                    "a validator has the key " + validator.key.hex() + " already");
    }
    if (validators.size() == kValidatorsMax) {
        return fail(ErrorCode::limit_exceeded,
                    "a network has at most " + std::to_string(kValidatorsMax) + " validators");
    }
    const auto place =
        std::find_if(validators.begin(), validators.end(),
                     [&validator](const Validator& one) { return validator.key < one.key; });
    validators.insert(place, validator);
    return {};
}

}  // namespace

Expected<void> check_validator(const Validator& validator) {
    ASHLAR_CHECK(check_text("validator name", validator.name, kValidatorNameLengthMax));
    const std::string_view address = validator.address;
    if (address.empty()) return {};
    const std::size_t colon = address.rfind(':');
    const bool well_formed = address.size() <= kValidatorAddressLengthMax &&
                             colon != std::string_view::npos && is_host(address.substr(0, colon)) &&
                             is_port(address.substr(colon + 1));
    if (well_formed) return {};
    return fail(ErrorCode::invalid, "a validator's address is HOST:PORT, not \"" +
                                        std::string(address.substr(0, kValidatorAddressLengthMax)) +
                                        "\"");
}

bool have_same_keys(const ValidatorSet& left, const ValidatorSet& right) {
    return std::equal(left.validators.begin(), left.validators.end(), right.validators.begin(),
                      right.validators.end(), [](const Validator& one, const Validator& other) {
                          return one.key == other.key;
                      });
}

Expected<Outcome> run(const RuleContext& context, const ChangeValidators& action) {
    ASHLAR_CHECK(require(may_administer_site(context.author), "the network's validators"));
    if (!action.remove && !action.add) {
        return fail(ErrorCode::invalid, "names no validator to add and none to remove");
    }
    ASHLAR_TRY(const auto changed, context.state.next_validators());
    if (changed) {
        return fail(ErrorCode::conflict,
                    "the validators are being changed by another transaction; try again");
    }
    ASHLAR_TRY(const ValidatorSet current, context.state.validators());
    ValidatorSet next = current;
    if (action.remove) ASHLAR_CHECK(remove_from(next.validators, *action.remove));
    if (action.add) ASHLAR_CHECK(add_to(next.validators, *action.add));
    if (next.validators.empty()) {
        return fail(ErrorCode::invalid, "the last validator cannot go; add another one first");
    }
    if (!have_same_keys(current, next)) next.epoch = current.epoch.next();
    Outcome outcome;
    outcome.changes = {PutNextValidators{std::move(next)}};
    return outcome;
}

}  // namespace ashlar::forge
