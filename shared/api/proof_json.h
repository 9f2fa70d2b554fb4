// Proofs for people and for programs without Cap'n Proto: JSON that says what is shown, and carries
// every byte string that is hashed or signed (base64), so that it can be checked by itself
// (docs/formats.md, "Proofs"). And where proofs are to be had.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "chain/light_client.h"

namespace ashlar::api {

inline constexpr std::string_view kAshlarPrefix = "/api/ashlar/v1";
// The canonical encoding, as it is.
inline constexpr std::string_view kCapnpType = "application/vnd.ashlar.capnp";

// "/api/ashlar/v1/repos/alice/hello/proof?ref=refs/heads/main"; without a ref that of all refs.
std::string proof_address(std::string_view owner, std::string_view repository,
                          const std::optional<std::string>& ref);

// The proofs were just made, or have been checked: what they say of a repository decodes.
std::string to_json(const codec::SealedRefProof& sealed);
std::string to_json(const codec::SealedRefList& sealed);
std::string to_json(const codec::FinalizedHeader& finalized);
std::string to_json(const codec::EpochChange& change);

}  // namespace ashlar::api
