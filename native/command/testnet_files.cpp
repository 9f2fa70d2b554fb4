#include "native/command/testnet_files.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>

#include "native/command/serve_config.h"
#include "native/node/data_folder.h"
#include "native/node/node.h"
#include "native/storage/posix_file_system.h"
#include "native/validator/network_orderer.h"

namespace ashlar::native {
namespace {

constexpr std::string_view kConfigFile = "config.yaml";
constexpr std::string_view kHost = "127.0.0.1";
// Loopback is fast, and a validator that is down should cost little.
constexpr int kExpectedDelayMs = 200;

std::string name_of(std::size_t number) {
    return "v" + std::to_string(number);
}

TestnetMember member(const std::filesystem::path& folder, std::size_t number) {
    TestnetMember made;
    made.name = name_of(number);
    made.folder = folder / made.name;
    made.config = made.folder / kConfigFile;
    made.pid_file = made.folder / "ashlar.pid";
    made.log = made.folder / "ashlar.log";
    return made;
}

Expected<void> make_folder(const std::filesystem::path& path) {
    std::error_code failure;
    std::filesystem::create_directories(path, failure);
    if (!failure) return {};
    return Unexpected(storage::error_from_errno(failure.value(), "make " + path.string()));
}

// Ports that nobody listens on now.
Expected<std::vector<std::uint16_t>> free_ports(std::size_t count) {
    std::vector<std::uint16_t> ports;
    std::vector<int> sockets;
    for (std::size_t i = 0; i < count; ++i) {
        const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (socket < 0) break;
        sockets.push_back(socket);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        auto* any = reinterpret_cast<sockaddr*>(&address);
        if (::bind(socket, any, length) != 0) break;
        if (::getsockname(socket, any, &length) != 0) break;
        ports.push_back(ntohs(address.sin_port));
    }
    const int reason = errno;
    for (const int socket : sockets) ::close(socket);
    if (ports.size() == count) return ports;
    return Unexpected(storage::error_from_errno(reason, "find a free port"));
}

Expected<chain::Genesis> make_genesis(const std::filesystem::path& folder,
                                      const std::vector<crypto::SigningKey>& keys,
                                      const node::Clock& clock, node::RandomSource& random) {
    ASHLAR_TRY(const auto secret,
               node::read_or_make_token(folder / std::string(node::kOperatorTokenFile), random));
    chain::Genesis genesis;
    genesis.network_name = "testnet";
    genesis.time_ms = clock.now_ms();
    for (std::size_t i = 0; i < keys.size(); ++i) {
        genesis.validators.push_back({keys[i].public_key(), name_of(i + 1)});
    }
    std::sort(genesis.validators.begin(), genesis.validators.end(),
              [](const auto& left, const auto& right) { return left.key < right.key; });
    genesis.administrator = {std::string(node::kAdministratorLogin),
                             forge::token_secret_hash(secret)};
    ASHLAR_CHECK(forge::check(genesis));
    ASHLAR_CHECK(storage::write_file_durably(folder / std::string(node::kGenesisFile),
                                             as_bytes(node::to_json(genesis))));
    return genesis;
}

std::string config_text(std::size_t self, const std::vector<crypto::SigningKey>& keys,
                        const std::vector<std::uint16_t>& ports, std::size_t http_port) {
    const auto address = [](std::size_t port) {
        return std::string(kHost) + ":" + std::to_string(port);
    };
    std::string text = "data: data\ngenesis: ../genesis.json\nkey: validator.key\n";
    text += "http: " + address(http_port) + "\n";
    text += "listen: " + address(ports[self]) + "\n";
    text += "expected_delay_ms: " + std::to_string(kExpectedDelayMs) + "\n";
    text += "pid_file: ashlar.pid\n";
    text += "peers:\n";
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (i == self) continue;
        text += "  - key: " + keys[i].public_key().hex() + "\n";
        text += "    address: " + address(ports[i]) + "\n";
    }
    return text;
}

// Whether the network has this many validators. Nothing where there is none.
Expected<void> check_count(const std::filesystem::path& folder, std::size_t validator_count) {
    const auto text = storage::read_small_file(folder / std::string(node::kGenesisFile), 1 << 20);
    if (!text && text.error().code == ErrorCode::not_found) return {};
    if (!text) return Unexpected(text.error());
    ASHLAR_TRY(const auto genesis, node::genesis_from_json(as_text(*text)));
    if (genesis.validators.size() == validator_count) return {};
    return fail(ErrorCode::conflict, folder.string() + " holds a network of " +
                                         std::to_string(genesis.validators.size()) +
                                         " validators; leave --validators out, or use another "
                                         "folder");
}

}  // namespace

bool is_testnet(const std::filesystem::path& folder) {
    std::error_code ignored;
    return std::filesystem::exists(folder / std::string(node::kGenesisFile), ignored);
}

Expected<void> make_testnet(const std::filesystem::path& given, std::size_t validator_count,
                            std::uint16_t http_port, const node::Clock& clock,
                            node::RandomSource& random) {
    const std::filesystem::path folder = std::filesystem::absolute(given);
    const bool exists = is_testnet(folder);
    ASHLAR_CHECK(check_count(folder, validator_count));
    std::vector<crypto::SigningKey> keys;
    for (std::size_t i = 1; i <= validator_count; ++i) {
        const TestnetMember one = member(folder, i);
        ASHLAR_CHECK(make_folder(one.folder));
        const auto path = one.folder / std::string(node::kValidatorKeyFile);
        std::error_code ignored;
        if (exists && !std::filesystem::exists(path, ignored)) {
            return fail(ErrorCode::invalid,
                        path.string() + " is missing; put the validator's key back");
        }
        ASHLAR_TRY(auto key, node::read_or_make_key(path, random));
        keys.push_back(std::move(key));
    }
    chain::Genesis genesis;
    if (exists) {
        ASHLAR_TRY(const auto text,
                   storage::read_small_file(folder / std::string(node::kGenesisFile), 1 << 20));
        ASHLAR_TRY(genesis, node::genesis_from_json(as_text(text)));
    } else {
        ASHLAR_TRY(genesis, make_genesis(folder, keys, clock, random));
    }
    // The configurations come last, and all of them are of one row of ports.
    std::error_code ignored;
    bool whole = true;
    for (std::size_t i = 1; i <= validator_count; ++i) {
        whole = whole && std::filesystem::exists(member(folder, i).config, ignored);
    }
    if (whole) return {};
    for (std::size_t i = 1; i <= validator_count; ++i) {
        const TestnetMember one = member(folder, i);
        if (!std::filesystem::exists(one.folder / "data" / std::string(node::kStoreFolder),
                                     ignored))
            continue;
        return fail(ErrorCode::invalid,
                    "a config.yaml is missing in " + folder.string() +
                        ", and the network has run before; put it back, or use another folder");
    }
    ASHLAR_TRY(const auto ports, free_ports(validator_count));
    for (std::size_t i = 0; i < validator_count; ++i) {
        const TestnetMember one = member(folder, i + 1);
        ASHLAR_CHECK(make_folder(one.folder / "data"));
        ASHLAR_CHECK(validator::create_journal(one.folder / "data", chain::chain_id_of(genesis)));
    }
    for (std::size_t i = 0; i < validator_count; ++i) {
        ASHLAR_CHECK(storage::write_file_durably(
            member(folder, i + 1).config, as_bytes(config_text(i, keys, ports, http_port + i))));
    }
    return {};
}

Expected<Testnet> open_testnet(const std::filesystem::path& given) {
    Testnet net;
    net.folder = std::filesystem::absolute(given).lexically_normal();
    net.token_file = net.folder / std::string(node::kOperatorTokenFile);
    if (!is_testnet(net.folder)) {
        return fail(ErrorCode::not_found, net.folder.string() + " holds no network");
    }
    for (std::size_t i = 1; i <= kTestnetValidatorsMax; ++i) {
        TestnetMember one = member(net.folder, i);
        std::error_code ignored;
        if (!std::filesystem::exists(one.config, ignored)) break;
        ASHLAR_TRY(const ServeConfig config, read_serve_config(one.config));
        one.url = "http://" + config.http;
        net.members.push_back(std::move(one));
    }
    if (!net.members.empty()) return net;
    return fail(ErrorCode::invalid, net.folder.string() + " holds no v1/config.yaml");
}

}  // namespace ashlar::native
