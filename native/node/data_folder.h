// A node's data folder (docs/formats.md, "Data folder"):
//
//   genesis.json      the network; public
//   validator.key     seed of the validator's Ed25519 key, in hexadecimal; mode 0600
//   operator.token    the secret of the site administrator's token; mode 0600
//   store/            RocksDB
//   packs/ab/...      large packs and their indexes
//   staging/          packs that are arriving; emptied at start
#pragma once

#include <filesystem>
#include <string>

#include "chain/genesis_json.h"
#include "native/machine/genesis_file.h"
#include "native/node/clock.h"

namespace ashlar::node {

inline constexpr std::string_view kGenesisFile = "genesis.json";
inline constexpr std::string_view kValidatorKeyFile = "validator.key";
inline constexpr std::string_view kOperatorTokenFile = "operator.token";
inline constexpr std::string_view kStoreFolder = "store";
inline constexpr std::string_view kStagingFolder = "staging";

inline constexpr std::string_view kAdministratorLogin = "admin";

struct DataFolder {
    std::filesystem::path path;
    chain::Genesis genesis;
    crypto::SigningKey key;
};

// Reads the folder, or makes it: the key, the token and the genesis of a network of one, each
// durable before the next, so that a start that was cut short is gone on with. Fails with
// `forbidden`, `unavailable` or `invalid`; the detail names the file and says what to do.
Expected<DataFolder> open_data_folder(const std::filesystem::path& path, const Clock& clock,
                                      RandomSource& random);

// The folder of one validator of a network that was made already; made where it does not exist, for
// all that belongs in it can be fetched from the others. Genesis and key lie elsewhere, so that
// they outlive it. The key need not be in the genesis: its validator may join later. Fails as
// above.
struct MemberFiles {
    std::filesystem::path folder;
    std::filesystem::path genesis;
    std::filesystem::path key;
};
Expected<DataFolder> open_member_folder(const MemberFiles& files);

// Reads the key that stands in a file, or makes one. Durable when this returns.
Expected<crypto::SigningKey> read_or_make_key(const std::filesystem::path& path,
                                              RandomSource& random);
// The same for an operator's token.
Expected<std::string> read_or_make_token(const std::filesystem::path& path, RandomSource& random);

// genesis.json, to and from.
using chain::to_json;
using machine::genesis_from_json;

}  // namespace ashlar::node
