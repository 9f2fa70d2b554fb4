// Whom to trust, kept from one run to the next: the genesis of each network, what its light client
// has come to trust and how far it has seen, and which network each server belongs to. So a server
// can neither go back to an old state nor pass for another network.
//
//   FOLDER/networks/<chain id>/genesis   its canonical encoding
//   FOLDER/networks/<chain id>/state     codec::TrustedState
//   FOLDER/servers/<host>_<port>         the chain id, in hexadecimal
//
// Where no genesis is given, that of the server is taken the first time (and the caller told), as
// ssh takes a host's key.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "chain/light_client.h"
#include "native/client/http_client.h"

namespace ashlar::client {

struct TrustOptions {
    std::filesystem::path folder;                  // made where it does not exist
    std::optional<std::filesystem::path> genesis;  // genesis.json, or its canonical encoding
};

// $ASHLAR_TRUST, else $XDG_STATE_HOME/ashlar, else ~/.local/state/ashlar; and $ASHLAR_GENESIS.
TrustOptions trust_options_of_environment();

class KeptTrust {
  public:
    // Fails with `conflict` where the server was of another network before, with `invalid` where a
    // file holds nothing sensible, and as the server and the files do.
    static Expected<KeptTrust> open(const TrustOptions& options, const HttpClient& server);
    // Without a server: from the given genesis alone, and with nothing kept.
    static Expected<forge::Genesis> read_genesis(const std::filesystem::path& file);

    const forge::Genesis& genesis() const { return genesis_; }
    chain::LightClient& light() { return light_; }
    // The server's own genesis was taken, and nobody has compared it.
    bool is_first_use() const { return first_use_; }

    // Keeps what is trusted by now. A failure is no danger to this run.
    Expected<void> keep() const;

  private:
    KeptTrust(std::filesystem::path folder, forge::Genesis genesis, chain::LightClient light)
        : folder_(std::move(folder)), genesis_(std::move(genesis)), light_(std::move(light)) {}

    std::filesystem::path folder_;  // of the network
    forge::Genesis genesis_;
    chain::LightClient light_;
    bool first_use_ = false;
};

}  // namespace ashlar::client
