// How a network begins: who validates, who administers, and its settings. The digest of its
// encoding is the chain's id, so two networks that differ in anything are two networks.
#pragma once

#include <string>
#include <vector>

#include "forge/validators.h"
#include "ledger/block.h"

namespace ashlar::forge {

inline constexpr std::size_t kNetworkNameLengthMax = 64;

// The site administrator that a network begins with, and the token that speaks for it.
struct GenesisAdministrator {
    std::string login;
    crypto::Digest token_secret_hash;  // forge::token_secret_hash
    friend bool operator==(const GenesisAdministrator&, const GenesisAdministrator&) = default;
};

struct Genesis {
    std::uint32_t format_version = ledger::kFormatVersion;
    std::string network_name;
    std::uint64_t time_ms = 0;
    std::vector<Validator> validators;  // sorted by key
    GenesisAdministrator administrator;
    Settings settings;
    friend bool operator==(const Genesis&, const Genesis&) = default;
};

// Fails with `invalid`, saying what is wrong: no validator, one twice, a bad login, a name too
// long, a bad address, another format version.
Expected<void> check(const Genesis& genesis);

}  // namespace ashlar::forge
