// How a network begins: who validates, who administers, and its settings. The digest of this is the
// chain's id, so two networks that differ in anything are two networks.
#pragma once

#include <string>
#include <vector>

#include "forge/records.h"
#include "ledger/block.h"
#include "ledger/overlay.h"

namespace ashlar::chain {

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
    std::vector<forge::Validator> validators;  // sorted by key
    GenesisAdministrator administrator;
    forge::Settings settings;
    friend bool operator==(const Genesis&, const Genesis&) = default;
};

// Fails with `invalid`, saying what is wrong: no validator, one twice, a bad login, a name too
// long.
Expected<void> check(const Genesis& genesis);

// The canonical encoding (schema/genesis.capnp), whose digest is the chain's id.
Bytes encode(const Genesis& genesis);
Expected<Genesis> decode_genesis(ByteView bytes);
ledger::ChainId chain_id_of(const Genesis& genesis);

// Height 0: the state before the first block. It has a header, which is the first block's parent,
// and no transactions.
struct GenesisState {
    ledger::BlockHeader header;
    ledger::BlockDigest digest;
    WriteBatch rows;  // state, trees, header, head; to be committed into an empty store
};
Expected<GenesisState> make_genesis_state(const Genesis& genesis);

}  // namespace ashlar::chain
