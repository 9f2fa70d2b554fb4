#include "native/client/kept_trust.h"

#include <cstdlib>
#include <system_error>

#include "api/proof_json.h"
#include "codec/genesis.h"
#include "native/machine/genesis_file.h"
#include "native/machine/small_file.h"

namespace ashlar::client {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;

std::optional<std::string> variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
}

Expected<void> make_folder(const fs::path& path) {
    std::error_code failure;
    fs::create_directories(path, failure);
    if (!failure) return {};
    return fail(ErrorCode::unavailable,
                "cannot make the folder " + path.string() + ": " + failure.message());
}

// Nothing where there is no such file.
Expected<std::optional<Bytes>> read_if_there(const fs::path& path) {
    auto content = machine::read_small_file(path, kFileBytesMax);
    if (content) return std::optional<Bytes>(*std::move(content));
    if (content.error().code == ErrorCode::not_found) return std::optional<Bytes>();
    return Unexpected(content.error());
}

fs::path network_folder(const TrustOptions& options, const ledger::ChainId& chain) {
    return options.folder / "networks" / chain.hex();
}

fs::path server_file(const TrustOptions& options, const ServerAddress& server) {
    return options.folder / "servers" / (server.host + "_" + server.port);
}

Expected<forge::Genesis> fetch_genesis(const HttpClient& server) {
    HttpCall call;
    call.target = std::string(api::kAshlarPrefix) + "/genesis?format=capnp";
    ASHLAR_TRY(const HttpAnswer answer, server.ask(call, kFileBytesMax));
    if (answer.status != 200 || answer.content_type != api::kCapnpType) {
        return fail(ErrorCode::not_found,
                    server.server().origin + " shows no genesis (is it an Ashlar server?)");
    }
    ASHLAR_TRY(forge::Genesis genesis, codec::decode_genesis(answer.body));
    ASHLAR_CHECK(forge::check(genesis));
    return genesis;
}

// The network that this server was of before; nothing where it was never asked.
Expected<std::optional<ledger::ChainId>> known_network(const TrustOptions& options,
                                                       const ServerAddress& server) {
    const fs::path file = server_file(options, server);
    ASHLAR_TRY(const auto content, read_if_there(file));
    if (!content) return std::optional<ledger::ChainId>();
    std::string_view text = as_text(*content);
    while (text.ends_with('\n')) text.remove_suffix(1);
    auto digest = crypto::Digest::from_hex(text);
    if (!digest) {
        return fail(ErrorCode::invalid, file.string() + " names no network; remove it");
    }
    return std::optional<ledger::ChainId>(ledger::ChainId{*digest});
}

struct Found {
    forge::Genesis genesis;
    bool first_use = false;
};

Expected<Found> find_genesis(const TrustOptions& options, const HttpClient& server) {
    if (options.genesis) {
        ASHLAR_TRY(forge::Genesis given, KeptTrust::read_genesis(*options.genesis));
        return Found{std::move(given), false};
    }
    ASHLAR_TRY(const auto known, known_network(options, server.server()));
    if (!known) {
        ASHLAR_TRY(forge::Genesis shown, fetch_genesis(server));
        return Found{std::move(shown), true};
    }
    ASHLAR_TRY(forge::Genesis kept,
               KeptTrust::read_genesis(network_folder(options, *known) / "genesis"));
    if (codec::chain_id_of(kept) != *known) {
        return fail(ErrorCode::invalid, network_folder(options, *known).string() +
                                            " holds the genesis of another network; remove it");
    }
    return Found{std::move(kept), false};
}

Expected<chain::LightClient> light_client_of(const forge::Genesis& genesis,
                                             const fs::path& folder) {
    ASHLAR_TRY(const auto content, read_if_there(folder / "state"));
    if (!content) return chain::LightClient::from_genesis(genesis);
    auto state = codec::decode_trusted_state(*content);
    if (!state || state->chain != codec::chain_id_of(genesis)) {
        return fail(ErrorCode::invalid, (folder / "state").string() +
                                            " holds no state of this network; remove it to begin "
                                            "again from the genesis");
    }
    return chain::LightClient::from_state(*std::move(state));
}

// Fails with `conflict` where the server was of another network before.
Expected<void> check_server(const TrustOptions& options, const ServerAddress& server,
                            const ledger::ChainId& chain) {
    ASHLAR_TRY(const auto known, known_network(options, server));
    if (!known || *known == chain) return {};
    return fail(ErrorCode::conflict, server.origin + " was of another network before, of " +
                                         known->hex() + ", than the genesis is of, " + chain.hex() +
                                         "; where that is meant, remove " +
                                         server_file(options, server).string());
}

// Keeps which network the server is of; nothing is written where that is known.
Expected<void> remember_server(const TrustOptions& options, const ServerAddress& server,
                               const ledger::ChainId& chain) {
    ASHLAR_TRY(const auto known, known_network(options, server));
    if (known == chain) return {};
    ASHLAR_CHECK(make_folder(options.folder / "servers"));
    return machine::write_file_durably(server_file(options, server), as_bytes(chain.hex() + "\n"));
}

}  // namespace

TrustOptions trust_options_of_environment() {
    TrustOptions options;
    if (const auto folder = variable("ASHLAR_TRUST")) {
        options.folder = *folder;
    } else if (const auto state = variable("XDG_STATE_HOME")) {
        options.folder = fs::path(*state) / "ashlar";
    } else {
        options.folder = fs::path(variable("HOME").value_or(".")) / ".local/state/ashlar";
    }
    if (const auto genesis = variable("ASHLAR_GENESIS")) options.genesis = *genesis;
    return options;
}

Expected<forge::Genesis> KeptTrust::read_genesis(const fs::path& file) {
    ASHLAR_TRY(const Bytes content, machine::read_small_file(file, kFileBytesMax));
    const bool is_json = !content.empty() && content.front() == '{';
    auto genesis =
        is_json ? machine::genesis_from_json(as_text(content)) : codec::decode_genesis(content);
    if (!genesis) {
        return fail(ErrorCode::invalid,
                    file.string() + " holds no genesis: " + genesis.error().detail);
    }
    ASHLAR_CHECK(forge::check(*genesis));
    return genesis;
}

Expected<KeptTrust> KeptTrust::open(const TrustOptions& options, const HttpClient& server) {
    ASHLAR_TRY(Found found, find_genesis(options, server));
    const ledger::ChainId chain = codec::chain_id_of(found.genesis);
    ASHLAR_CHECK(check_server(options, server.server(), chain));
    const fs::path folder = network_folder(options, chain);
    ASHLAR_TRY(chain::LightClient light, light_client_of(found.genesis, folder));
    KeptTrust trust(folder, std::move(found.genesis), std::move(light));
    trust.first_use_ = found.first_use;
    ASHLAR_CHECK(make_folder(folder));
    ASHLAR_TRY(const auto kept, read_if_there(folder / "genesis"));
    const Bytes encoded = codec::encode(trust.genesis_);
    if (kept != encoded) ASHLAR_CHECK(machine::write_file_durably(folder / "genesis", encoded));
    ASHLAR_CHECK(remember_server(options, server.server(), chain));
    return trust;
}

Expected<void> KeptTrust::keep() const {
    const fs::path file = folder_ / "state";
    // Another run may have seen more meanwhile.
    ASHLAR_TRY(const auto content, read_if_there(file));
    if (content) {
        const auto kept = codec::decode_trusted_state(*content);
        if (kept && kept->height >= light_.state().height) return {};
    }
    return machine::write_file_durably(file, codec::encode(light_.state()));
}

}  // namespace ashlar::client
