// The configuration of a validator among others, in YAML:
//
//   data: data                    its folder; made where it does not exist
//   genesis: ../genesis.json      the network (default: genesis.json in the data folder)
//   key: validator.key            its Ed25519 key (default: validator.key in the data folder)
//   http: 127.0.0.1:8080          where it serves
//   listen: 127.0.0.1:9000        where other validators reach it
//   peers:                        the others, and how to reach them
//     - key: 64 hexadecimal digits
//       address: 127.0.0.1:9001
//       follows: true             is let in although it is no validator (default: false)
//   public_url: https://git.example.org   how people reach it (default: as they do)
//   idle_seconds: 60              after which an empty block is made
//   expected_delay_ms: 500        how long a message to another validator takes at most
//   pid_file: ashlar.pid          holds its process id while it runs (default: none)
//
// Paths are relative to the file. Addresses are no part of what the network agrees on.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "native/node/data_folder.h"
#include "native/peer/peer_network.h"

namespace ashlar::native {

struct HostAndPort {
    std::string host;
    std::uint16_t port = 0;
};
// "127.0.0.1:9000" or "[::1]:9000". Fails with `invalid`.
Expected<HostAndPort> parse_host_and_port(std::string_view text);

struct ServeConfig {
    node::MemberFiles files;
    std::filesystem::path operator_token;  // beside the genesis
    std::string http = "127.0.0.1:8080";
    HostAndPort listen{"127.0.0.1", 0};
    std::vector<peer::PeerAddress> peers;
    std::set<crypto::PublicKey> followers;  // of these
    std::string public_url;
    std::uint64_t idle_seconds = 60;
    std::uint64_t expected_delay_ms = 500;
    std::filesystem::path pid_file;  // empty: none
};

// Fails with `invalid`; the detail names file, line and key.
Expected<ServeConfig> read_serve_config(const std::filesystem::path& path);

}  // namespace ashlar::native
