#include "native/node/push_nonce.h"

#include <charconv>

#include "crypto/digest.h"

namespace ashlar::node {
namespace {

constexpr std::uint64_t kMsPerSecond = 1000;

}  // namespace

// An Ed25519 signature of a fixed text is the same each time, and known to nobody without the key;
// no other text of ours begins like this one.
PushNonces::PushNonces(const crypto::SigningKey& key)
    : secret_(key.sign(as_bytes("ashlar push nonce secret"))) {}

std::string PushNonces::nonce_at(forge::RepositoryId repository, std::uint64_t seconds) const {
    Bytes text = to_bytes(secret_.view());
    append_big_endian_64(text, repository.value);
    append_big_endian_64(text, seconds);
    return std::to_string(seconds) + "-" + crypto::hash("ashlar push nonce", text).hex();
}

std::string PushNonces::make(forge::RepositoryId repository, std::uint64_t now_ms) const {
    return nonce_at(repository, now_ms / kMsPerSecond);
}

Expected<void> PushNonces::check(forge::RepositoryId repository, std::string_view nonce,
                                 std::uint64_t now_ms) const {
    std::uint64_t seconds = 0;
    const auto parsed = std::from_chars(nonce.data(), nonce.data() + nonce.size(), seconds);
    const std::string expected = nonce_at(repository, seconds);
    if (parsed.ec != std::errc() || !equal_in_constant_time(as_bytes(expected), as_bytes(nonce))) {
        return fail(ErrorCode::invalid,
                    "push certificate: its nonce was not given out for this repository");
    }
    const std::uint64_t now = now_ms / kMsPerSecond;
    if (seconds <= now && now - seconds <= kPushNonceAgeMaxSeconds) return {};
    return fail(ErrorCode::invalid, "push certificate: its nonce is older than " +
                                        std::to_string(kPushNonceAgeMaxSeconds) +
                                        " seconds; push again");
}

}  // namespace ashlar::node
