#include "native/node/data_folder.h"

#include <system_error>
#include <utility>

#include "native/node/node.h"
#include "native/storage/posix_file_system.h"

namespace ashlar::node {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;
constexpr std::string_view kNetworkName = "ashlar";
constexpr std::string_view kValidatorName = "validator-1";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
        text.remove_suffix(1);
    }
    return text;
}

// A small text file; nothing where it does not exist.
Expected<std::optional<std::string>> read_text(const std::filesystem::path& path) {
    auto content = storage::read_small_file(path, kFileBytesMax);
    if (!content && content.error().code == ErrorCode::not_found) {
        return std::optional<std::string>{};
    }
    if (!content) return Unexpected(std::move(content).error());
    return std::optional<std::string>(as_text(*content));
}

Expected<void> write_text(const std::filesystem::path& path, const std::string& text) {
    return storage::write_file_durably(path, as_bytes(text));
}

Expected<crypto::SigningKey> key_from(const std::filesystem::path& path, std::string_view text) {
    const auto seed = from_hex(trimmed(text));
    auto key = seed ? crypto::SigningKey::from_seed(*seed)
                    : Expected<crypto::SigningKey>(Unexpected(seed.error()));
    if (key) return key;
    return fail(ErrorCode::invalid, path.string() +
                                        " does not hold a validator's key (64 hexadecimal "
                                        "digits); put the right file back");
}

Expected<chain::Genesis> make_genesis(const std::filesystem::path& path,
                                      const crypto::SigningKey& key, const Clock& clock,
                                      RandomSource& random) {
    ASHLAR_TRY(const auto secret, read_or_make_token(path / kOperatorTokenFile, random));
    chain::Genesis genesis;
    genesis.network_name = kNetworkName;
    genesis.time_ms = clock.now_ms();
    genesis.validators = {{key.public_key(), std::string(kValidatorName)}};
    genesis.administrator = {std::string(kAdministratorLogin), forge::token_secret_hash(secret)};
    ASHLAR_CHECK(forge::check(genesis));
    ASHLAR_CHECK(write_text(path / kGenesisFile, to_json(genesis)));
    return genesis;
}

Expected<void> make_folder(const std::filesystem::path& path) {
    std::error_code failure;
    std::filesystem::create_directories(path, failure);
    if (!failure) return {};
    return Unexpected(
        storage::error_from_errno(failure.value(), "make the data folder " + path.string()));
}

}  // namespace

Expected<crypto::SigningKey> read_or_make_key(const std::filesystem::path& path,
                                              RandomSource& random) {
    ASHLAR_TRY(const auto text, read_text(path));
    if (text) return key_from(path, *text);
    Bytes seed(crypto::SigningKey::kSeedSize);
    random.fill(seed);
    ASHLAR_CHECK(write_text(path, to_hex(seed) + "\n"));
    return crypto::SigningKey::from_seed(seed);
}

Expected<std::string> read_or_make_token(const std::filesystem::path& path, RandomSource& random) {
    ASHLAR_TRY(const auto text, read_text(path));
    if (text && !trimmed(*text).empty()) return std::string(trimmed(*text));
    std::string secret = make_token_secret(random);
    ASHLAR_CHECK(write_text(path, secret + "\n"));
    return secret;
}

Expected<DataFolder> open_member_folder(const MemberFiles& files) {
    ASHLAR_CHECK(make_folder(files.folder));
    ASHLAR_TRY(const auto text, read_text(files.genesis));
    if (!text) {
        return fail(ErrorCode::invalid,
                    files.genesis.string() + " is missing; put the network's genesis there");
    }
    ASHLAR_TRY(auto genesis, genesis_from_json(*text));
    ASHLAR_TRY(const auto key_text, read_text(files.key));
    if (!key_text) {
        return fail(ErrorCode::invalid,
                    files.key.string() + " is missing; put the validator's key back");
    }
    ASHLAR_TRY(auto key, key_from(files.key, *key_text));
    return DataFolder{files.folder, std::move(genesis), std::move(key)};
}

Expected<DataFolder> open_data_folder(const std::filesystem::path& path, const Clock& clock,
                                      RandomSource& random) {
    ASHLAR_CHECK(make_folder(path));
    ASHLAR_TRY(const auto text, read_text(path / kGenesisFile));
    std::error_code ignored;
    if (!text && std::filesystem::exists(path / kStoreFolder / "CURRENT", ignored)) {
        return fail(ErrorCode::invalid, (path / kGenesisFile).string() +
                                            " is missing beside a store; put it back, or use "
                                            "another data folder");
    }
    if (!text) {
        ASHLAR_TRY(auto key, read_or_make_key(path / kValidatorKeyFile, random));
        ASHLAR_TRY(auto genesis, make_genesis(path, key, clock, random));
        return DataFolder{path, std::move(genesis), std::move(key)};
    }
    ASHLAR_TRY(auto genesis, genesis_from_json(*text));
    ASHLAR_TRY(const auto key_text, read_text(path / kValidatorKeyFile));
    if (!key_text) {
        return fail(ErrorCode::invalid, (path / kValidatorKeyFile).string() +
                                            " is missing; put the validator's key back");
    }
    ASHLAR_TRY(auto key, key_from(path / kValidatorKeyFile, *key_text));
    for (const forge::Validator& validator : genesis.validators) {
        if (validator.key == key.public_key()) {
            return DataFolder{path, std::move(genesis), std::move(key)};
        }
    }
    return fail(ErrorCode::invalid, "the key in " + (path / kValidatorKeyFile).string() +
                                        " is not that of a validator in genesis.json");
}

}  // namespace ashlar::node
