// ashlar testnet: a network of several validators on this machine, each a process of its own.
//
//   D/genesis.json, D/operator.token
//   D/vI/config.yaml       of validator I (serve_config.h); it serves HTTP on port P+I-1
//   D/vI/validator.key, D/vI/data/
//   D/vI/ashlar.pid, D/vI/ashlar.log
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace ashlar::native {

struct TestnetOptions {
    std::filesystem::path folder;
    // Absent: as the network was made; 4 validators from port 8080 on where there is none yet.
    std::optional<std::size_t> validator_count;
    std::optional<std::uint16_t> http_port;
    bool detach = false;
};

// Makes the network where there is none, starts what does not run, and waits until all agree. Then
// returns, or stays until a signal ends it and them. The exit code.
int testnet_up(const TestnetOptions& options);
// Ends all of its processes.
int testnet_down(const std::filesystem::path& folder);

}  // namespace ashlar::native
