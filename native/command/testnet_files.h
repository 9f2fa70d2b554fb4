// The files of a network on this machine (testnet.h): how they are made, and what they say.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/expected.h"
#include "native/node/clock.h"

namespace ashlar::native {

inline constexpr std::size_t kTestnetValidatorsMax = 64;

struct TestnetMember {
    std::string name;              // "v1"
    std::filesystem::path folder;  // absolute
    std::filesystem::path config;  // its config.yaml
    std::filesystem::path pid_file;
    std::filesystem::path log;
    std::string url;  // "http://127.0.0.1:8080"
};

struct Testnet {
    std::filesystem::path folder;  // absolute
    std::filesystem::path token_file;
    std::vector<TestnetMember> members;
};

// Whether the folder holds a network, or the beginnings of one.
bool is_testnet(const std::filesystem::path& folder);

// Makes keys, token, genesis, journals and configurations, each durable before the next, so that
// one that was cut short is gone on with. Where there is a network of as many validators already,
// nothing happens.
Expected<void> make_testnet(const std::filesystem::path& folder, std::size_t validator_count,
                            std::uint16_t http_port, const node::Clock& clock,
                            node::RandomSource& random);

// Fails with `not_found` where there is none, with `invalid` where its files do not fit.
Expected<Testnet> open_testnet(const std::filesystem::path& folder);

}  // namespace ashlar::native
