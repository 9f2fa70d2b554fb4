// Proofs as they are stored and sent (schema/proof.capnp). How they are made and checked is
// chain/proof.h's.
//
// No proof carries the path that it is of: who checks it works that out from what was asked for, so
// a proof of one thing never serves for another.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "consensus/certificate.h"
#include "git/ref_source.h"
#include "ledger/block.h"
#include "ledger/tree_proof.h"

namespace ashlar::codec {

// A record of the state, or that there is none.
struct RecordProof {
    std::optional<Bytes> record;
    ledger::TreeProof proof;
    friend bool operator==(const RecordProof&, const RecordProof&) = default;
};

// How a repository is found: login, then name, then record. What follows an absence is absent.
struct RepositoryProof {
    RecordProof login;
    std::optional<RecordProof> name;
    std::optional<RecordProof> repository;
    friend bool operator==(const RepositoryProof&, const RepositoryProof&) = default;
};

// One ref of a repository, or that it has none of that name.
struct RefProof {
    RepositoryProof repository;
    std::optional<Bytes> value;  // encode_ref_value()
    ledger::TreeProof proof;
    friend bool operator==(const RefProof&, const RefProof&) = default;
};

// All refs of a repository, none left out: the root of the listed refs is the repository's.
struct RefListProof {
    RepositoryProof repository;
    std::vector<git::Ref> refs;  // in bytewise order of names
    friend bool operator==(const RefListProof&, const RefListProof&) = default;
};

// A header that is final: the certificate is of itself, or of a descendant that the headers lead
// to.
struct FinalizedHeader {
    ledger::BlockHeader header;
    std::vector<ledger::BlockHeader> descendants;  // from its child to the one with the certificate
    consensus::Certificate finalization;
    friend bool operator==(const FinalizedHeader&, const FinalizedHeader&) = default;
};

// All of it in one: whoever knows the validators needs nothing else.
struct SealedRefProof {
    ledger::ChainId chain;
    std::string owner;  // as asked for
    std::string repository;
    std::string ref;
    FinalizedHeader finalized;
    RefProof proof;
    friend bool operator==(const SealedRefProof&, const SealedRefProof&) = default;
};

// How many headers may lie between a block and the certificate that makes it final.
inline constexpr std::size_t kDescendantsMax = 1024;
inline constexpr std::size_t kProofBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kSealedProofBytesMax = 2 * kProofBytesMax;
// A list of a million refs.
inline constexpr std::size_t kRefListBytesMax = std::size_t{192} << 20;
inline constexpr std::size_t kRefListCountMax = 1'000'000;

Bytes encode(const RepositoryProof& proof);
Bytes encode(const RefProof& proof);
Bytes encode(const RefListProof& proof);
Bytes encode(const FinalizedHeader& finalized);
Bytes encode(const SealedRefProof& proof);

// Accept exactly what encode() gives; fail with `invalid`, or `limit_exceeded`. That they prove
// something is not checked here.
Expected<RepositoryProof> decode_repository_proof(ByteView bytes);
Expected<RefProof> decode_ref_proof(ByteView bytes);
Expected<RefListProof> decode_ref_list_proof(ByteView bytes);
Expected<FinalizedHeader> decode_finalized_header(ByteView bytes);
Expected<SealedRefProof> decode_sealed_ref_proof(ByteView bytes);

}  // namespace ashlar::codec
