// What a replica reads (schema/sync.capnp).
#pragma once

#include "codec/proof.h"
#include "forge/records.h"

namespace ashlar::codec {

// A repository as it is now, with its proof.
struct RepositoryCheckpoint {
    ledger::ChainId chain;
    std::string owner;  // as asked for
    std::string repository;
    FinalizedHeader finalized;
    RepositoryProof proof;
    // What the server keeps the objects in; not proven, for each is named by what it contains.
    std::vector<forge::PackReference> packs;
    friend bool operator==(const RepositoryCheckpoint&, const RepositoryCheckpoint&) = default;
};

// All refs of a repository, in bytewise order of names.
struct RefList {
    std::vector<git::Ref> refs;
    friend bool operator==(const RefList&, const RefList&) = default;
};

inline constexpr std::size_t kPacksPerRepositoryMax = 65536;
inline constexpr std::size_t kCheckpointBytesMax = std::size_t{16} << 20;

Bytes encode(const RepositoryCheckpoint& checkpoint);
Bytes encode(const RefList& list);

// Accept exactly what encode() gives; fail with `invalid`, or `limit_exceeded`. That they prove
// something is not checked here.
Expected<RepositoryCheckpoint> decode_repository_checkpoint(ByteView bytes);
Expected<RefList> decode_ref_list(ByteView bytes);

}  // namespace ashlar::codec
