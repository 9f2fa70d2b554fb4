// What the engine asks of its host, and what the host tells the engine.
//
// The host carries out the actions of one step in their order. It may hold several steps' Sync
// together: Synced names the last record that is durable. A failed write or sync ends the process.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "consensus/block_format.h"
#include "consensus/evidence.h"
#include "consensus/message.h"
#include "consensus/record.h"

namespace ashlar::consensus {

// Time as the host counts it, from any start; it never goes back.
using TimeUs = std::uint64_t;

// ---- Actions ----

// Append to the journal. Sequences count up by one from 1 after each start.
struct Persist {
    std::uint64_t sequence = 0;
    Record record;
};
// Make everything persisted so far durable, then say Synced.
struct Sync {};
// To one peer, or to every peer that is connected. What cannot be sent is dropped.
struct Send {
    std::optional<PublicKey> to;
    Message message;
};
// Say TimerFired at this time. Replaces the timer set before; there is one.
struct SetTimer {
    TimeUs at = 0;
};
// Make a block of all that waits, on this parent; say BlockBuilt at once, even if it is empty.
struct Build {
    Round round;
    BlockDigest parent;
};
// Run the block on its parent's state, see that what it names is stored here, make it so that the
// block could become final; then say BlockChecked, or nothing while something is missing. The
// parent was checked before, built here, or is final.
struct Check {
    Round round;
    BlockDigest digest;
    BlockDigest parent;
    Bytes block;
    PublicKey proposer;  // who has what it names
};
// The block has a quorum and will most likely be final: what waits is what is not in its chain.
struct Notarized {
    Round round;
    BlockDigest digest;
};
// Apply and store. In the order of heights, each exactly once since the anchor of the start. The
// certificate is of the last block of a run: the others are final as its ancestors.
struct Finalized {
    BlockSummary summary;
    Bytes block;
    std::optional<Certificate> finalization;
    Round round;  // of the proposal that brought it, where that is known; of the certificate else
};
// Answer from what is stored, on channel `resolver`.
struct Serve {
    PublicKey to;
    std::variant<BlockRequest, FinalizedRequest> request;
};
// Keep and show.
struct ReportEvidence {
    Evidence evidence;
};
// The peer sent what no honest one sends: close the connection. The engine ignores it from now on.
struct Refuse {
    PublicKey peer;
    std::string reason;
};

using Action = std::variant<Persist, Sync, Send, SetTimer, Build, Check, Notarized, Finalized,
                            Serve, ReportEvidence, Refuse>;
using Actions = std::vector<Action>;

// ---- Events ----

struct Received {
    PublicKey from;  // authenticated by the connection
    Message message;
};
struct TimerFired {};
struct BlockChecked {
    BlockDigest digest;
    bool good = false;
};
struct BlockBuilt {
    Round round;
    Bytes block;
};
struct Synced {
    std::uint64_t sequence = 0;
};
// Whether transactions wait that are in no notarized block yet. After each Notarized the engine
// takes it that none do, until it is told again.
struct WorkChanged {
    bool waiting = false;
};
// Whom the engine can ask. Replaces the list given before.
struct PeersChanged {
    std::vector<PublicKey> connected;
};
// The answer to a Finalized block that ends an epoch, once it is applied: the set that it names.
struct EpochChanged {
    ValidatorSet validators;
};

using Event = std::variant<Received, TimerFired, BlockChecked, BlockBuilt, Synced, WorkChanged,
                           PeersChanged, EpochChanged>;

}  // namespace ashlar::consensus
