// ashlar serve: a validator with its HTTP door, until a signal ends it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace ashlar::native {

struct ServeOptions {
    std::filesystem::path config;  // of a validator among others; empty: this one is alone
    std::filesystem::path data = "ashlar-data";
    std::string listen = "127.0.0.1:8080";
    std::string public_url;  // in answers; empty: as clients reached us
    bool json = false;
    std::uint32_t housekeeping_seconds = 60;  // between two rounds; 0: none
};

// The exit code. Says on standard output when it is ready, on standard error what went wrong.
int serve(const ServeOptions& options);

}  // namespace ashlar::native
