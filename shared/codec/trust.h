// What a light client takes in, keeps and hands on (schema/proof.capnp): how one set of validators
// follows another, what it has come to trust, and proofs that need nothing beside them. How they
// are made and checked is chain/'s.
#pragma once

#include "codec/proof.h"

namespace ashlar::codec {

// All refs of a repository: whoever knows the validators needs nothing else.
struct SealedRefList {
    ledger::ChainId chain;
    std::string owner;  // as asked for
    std::string repository;
    FinalizedHeader finalized;
    RefListProof proof;
    friend bool operator==(const SealedRefList&, const SealedRefList&) = default;
};

// How an epoch ended: its last header names the digest of the next epoch's validators.
struct EpochChange {
    FinalizedHeader last;
    std::vector<crypto::PublicKey> next_validators;  // sorted
    friend bool operator==(const EpochChange&, const EpochChange&) = default;
};

// What a light client keeps; small, and to be stored by its owner after each step.
struct TrustedState {
    ledger::ChainId chain;
    ledger::Epoch epoch;
    std::vector<crypto::PublicKey> validators;  // of that epoch, sorted
    ledger::Height height;                      // the highest seen
    ledger::BlockDigest digest;
    std::uint64_t time_ms = 0;
    // Where that block ended the epoch: the digest of the next validators.
    std::optional<crypto::Digest> next_validators;
    friend bool operator==(const TrustedState&, const TrustedState&) = default;
};

// A ref proof that holds by the genesis alone.
struct RefReceipt {
    std::vector<EpochChange> changes;  // from the genesis' epoch to that of the proof's header
    SealedRefProof sealed;
    friend bool operator==(const RefReceipt&, const RefReceipt&) = default;
};

inline constexpr std::size_t kEpochChangesMax = 65536;
inline constexpr std::size_t kReceiptBytesMax = std::size_t{64} << 20;

Bytes encode(const SealedRefList& sealed);
Bytes encode(const EpochChange& change);
Bytes encode(const TrustedState& state);
Bytes encode(const RefReceipt& receipt);

// Accept exactly what encode() gives; fail with `invalid`, or `limit_exceeded`. That they prove
// something is not checked here.
Expected<SealedRefList> decode_sealed_ref_list(ByteView bytes);
Expected<EpochChange> decode_epoch_change(ByteView bytes);
Expected<TrustedState> decode_trusted_state(ByteView bytes);
Expected<RefReceipt> decode_ref_receipt(ByteView bytes);

}  // namespace ashlar::codec
