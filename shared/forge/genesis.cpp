#include "forge/genesis.h"

#include "forge/names.h"

namespace ashlar::forge {

Expected<void> check(const Genesis& genesis) {
    const auto invalid = [](const std::string& why) {
        return fail(ErrorCode::invalid, "genesis: " + why);
    };
    if (genesis.format_version != ledger::kFormatVersion) {
        return invalid("format version " + std::to_string(genesis.format_version) +
                       " is not served, only " + std::to_string(ledger::kFormatVersion));
    }
    if (genesis.network_name.empty()) return invalid("the network has no name");
    ASHLAR_CHECK(check_text("network name", genesis.network_name, kNetworkNameLengthMax));
    if (genesis.validators.empty()) return invalid("there is no validator");
    if (genesis.validators.size() > kValidatorsMax) {
        return invalid("more than " + std::to_string(kValidatorsMax) + " validators");
    }
    for (std::size_t i = 0; i < genesis.validators.size(); ++i) {
        ASHLAR_CHECK(check_validator(genesis.validators[i]));
        if (i > 0 && !(genesis.validators[i - 1].key < genesis.validators[i].key)) {
            return invalid("validators are not sorted by key, or one stands twice");
        }
    }
    ASHLAR_CHECK(check_login(genesis.administrator.login));
    if (genesis.administrator.token_secret_hash.is_zero()) {
        return invalid("the administrator has no token");
    }
    return {};
}

}  // namespace ashlar::forge
