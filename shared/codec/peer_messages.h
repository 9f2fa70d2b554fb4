// What validators send each other on channel `sync`, to and from its canonical Cap'n Proto encoding
// (schema/peer.capnp): packs by name, packs that are still arriving, and the rows of a state.
//
// Decoding bounds every list and length; what the bytes claim is checked by whoever asked for them.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "consensus/validator_set.h"
#include "forge/ids.h"
#include "git/pack/pack_store.h"

namespace ashlar::codec {

// One message, whole; as much as the channel carries.
inline constexpr std::size_t kPeerMessageBytesMax = std::size_t{2} << 20;
// Of a manifest: packs of up to 48 GiB.
inline constexpr std::size_t kPackExtentCountMax = 48 * 1024;
inline constexpr std::size_t kRowCountMax = 16 * 1024;
inline constexpr std::size_t kRowKeyBytesMax = 4 * 1024;
inline constexpr std::size_t kEpochValidatorsMax = consensus::kValidatorsMax;

// Chosen by who asks; an answer bears that of its request.
using PeerRequestId = StrongId<struct PeerRequestTag>;
// One pack on its way from one sender; counts up.
using SpreadId = StrongId<struct SpreadTag>;
using SnapshotId = StrongId<struct SnapshotTag>;

struct PackManifestRequest {
    PeerRequestId request;
    git::PackDigest pack;
    friend bool operator==(const PackManifestRequest&, const PackManifestRequest&) = default;
};

// Without the index, which everybody makes from the pack.
struct PackManifestAnswer {
    PeerRequestId request;
    std::uint64_t size = 0;
    std::uint64_t object_count = 0;
    std::vector<crypto::Digest> extents;
    friend bool operator==(const PackManifestAnswer&, const PackManifestAnswer&) = default;
};

struct PackExtentRequest {
    PeerRequestId request;
    git::PackDigest pack;
    std::uint32_t extent = 0;  // number of the extent in the manifest
    friend bool operator==(const PackExtentRequest&, const PackExtentRequest&) = default;
};

struct PackExtentAnswer {
    PeerRequestId request;
    Bytes bytes;  // at most git::kPackExtentSize
    friend bool operator==(const PackExtentAnswer&, const PackExtentAnswer&) = default;
};

// A whole pack of at most git::kPackExtentSize, sent unasked.
struct SmallPack {
    git::PackDigest pack;
    Bytes bytes;
    friend bool operator==(const SmallPack&, const SmallPack&) = default;
};

struct SpreadBegin {
    SpreadId spread;
    forge::RepositoryId repository;  // whose objects a thin pack may build on
    friend bool operator==(const SpreadBegin&, const SpreadBegin&) = default;
};

struct SpreadBytes {
    SpreadId spread;
    std::uint64_t offset = 0;  // in the pack as the client sends it
    Bytes bytes;               // at most git::kPackExtentSize
    friend bool operator==(const SpreadBytes&, const SpreadBytes&) = default;
};

struct SpreadCredit {
    SpreadId spread;
    std::uint64_t up_to = 0;  // the receiver has room for the bytes before this offset
    friend bool operator==(const SpreadCredit&, const SpreadCredit&) = default;
};

// All has arrived. What was not sent yet still follows.
struct SpreadEnd {
    SpreadId spread;
    std::optional<git::PackDigest> pack;  // as stored; absent: the push was refused
    std::uint64_t size = 0;               // bytes of the pack as the client sent it
    friend bool operator==(const SpreadEnd&, const SpreadEnd&) = default;
};

struct SpreadRefusal {
    SpreadId spread;
    friend bool operator==(const SpreadRefusal&, const SpreadRefusal&) = default;
};

struct SnapshotRequest {
    PeerRequestId request;
    friend bool operator==(const SnapshotRequest&, const SnapshotRequest&) = default;
};

struct SnapshotOffer {
    PeerRequestId request;
    SnapshotId snapshot;
    // codec::encode(FinalizedHeader); empty where nothing but the genesis is final.
    Bytes finalized;
    friend bool operator==(const SnapshotOffer&, const SnapshotOffer&) = default;
};

struct RowsRequest {
    PeerRequestId request;
    SnapshotId snapshot;
    Bytes from;                      // the first key that is wanted
    std::uint64_t value_offset = 0;  // how much of its value is there already
    friend bool operator==(const RowsRequest&, const RowsRequest&) = default;
};

struct Row {
    Bytes key;
    Bytes value;
    friend bool operator==(const Row&, const Row&) = default;
};

struct RowsAnswer {
    PeerRequestId request;
    std::vector<Row> rows;  // ascending by key; none: there are no more
    bool cut = false;       // the last value goes on
    friend bool operator==(const RowsAnswer&, const RowsAnswer&) = default;
};

struct NotHere {
    PeerRequestId request;
    friend bool operator==(const NotHere&, const NotHere&) = default;
};

// How trust moves on from an epoch that is over.
struct EpochRequest {
    PeerRequestId request;
    ledger::Epoch epoch;
    friend bool operator==(const EpochRequest&, const EpochRequest&) = default;
};

struct EpochAnswer {
    PeerRequestId request;
    Bytes last;  // codec::encode(FinalizedHeader) of its last block
    std::vector<crypto::PublicKey> next_validators;
    friend bool operator==(const EpochAnswer&, const EpochAnswer&) = default;
};

using PeerMessage =
    std::variant<PackManifestRequest, PackManifestAnswer, PackExtentRequest, PackExtentAnswer,
                 SmallPack, SpreadBegin, SpreadBytes, SpreadCredit, SpreadEnd, SpreadRefusal,
                 SnapshotRequest, SnapshotOffer, RowsRequest, RowsAnswer, NotHere, EpochRequest,
                 EpochAnswer>;

Bytes encode(const PeerMessage& message);
// Accepts exactly what encode() gives. Fails with `invalid`, or with `limit_exceeded` above one of
// the limits here.
Expected<PeerMessage> decode_peer_message(ByteView bytes);

}  // namespace ashlar::codec
