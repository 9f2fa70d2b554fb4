// What validators sign: votes on one view. The signed bytes carry the chain's id, the epoch and a
// tag for the kind, so that no vote serves another network, epoch or purpose.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/ed25519.h"
#include "ledger/ids.h"

namespace ashlar::consensus {

using crypto::Digest;
using crypto::PublicKey;
using crypto::Signature;
using ledger::BlockDigest;
using ledger::ChainId;
using ledger::Epoch;
using ledger::Height;
using ledger::Round;
using ledger::View;

// The block that a leader wants in a round, on the certified block of an earlier view. View 0
// stands for the last block of the epoch before (or genesis).
struct Proposal {
    Round round;
    View parent;
    BlockDigest block;
    friend bool operator==(const Proposal&, const Proposal&) = default;
};

// The numbers are signed and stored: they never change.
enum class VoteKind : std::uint8_t { notarize = 1, nullify = 2, finalize = 3 };

// What is voted for. A nullify names its round only: parent 0 and a zero digest.
struct Subject {
    VoteKind kind = VoteKind::notarize;
    Proposal proposal;

    static Subject notarize(const Proposal& proposal) { return {VoteKind::notarize, proposal}; }
    static Subject finalize(const Proposal& proposal) { return {VoteKind::finalize, proposal}; }
    static Subject nullify(const Round& round) { return {VoteKind::nullify, {round, View(0), {}}}; }
    const Round& round() const { return proposal.round; }
    View view() const { return proposal.round.view; }
    // View 1 or later, the parent earlier than the view, a block unless it is a nullify.
    bool well_formed() const;
    friend bool operator==(const Subject&, const Subject&) = default;
};

// A validator's place in the sorted keys of its epoch.
using SignerIndex = std::uint16_t;

struct Vote {
    Subject subject;
    SignerIndex signer = 0;
    Signature signature;
    friend bool operator==(const Vote&, const Vote&) = default;
};

// The bytes that a vote signs: the domain "ashlar.vote.1", the chain's id, the kind (1 byte), the
// epoch, view and parent view (8 bytes each, big-endian), the block's digest.
Bytes signed_bytes(const ChainId& chain, const Subject& subject);

}  // namespace ashlar::consensus
