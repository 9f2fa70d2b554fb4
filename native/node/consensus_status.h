// What a node shows of the agreement that it takes part in.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chain/orderer.h"
#include "consensus/evidence.h"

namespace ashlar::node {

enum class ValidatorHealth : std::uint8_t {
    voting,   // heard within the last turns of all leaders
    silent,   // not heard for longer, or never in this epoch
    refused,  // sent what no honest one sends
};

struct ValidatorStatus {
    crypto::PublicKey key;
    std::string name;
    ledger::View last_vote;  // the latest view in which it was heard; 0: never in this epoch
    ValidatorHealth health = ValidatorHealth::silent;
    bool is_self = false;
    bool connected = false;  // of itself always
};

struct PeerConnection {
    crypto::PublicKey key;
    std::string address;  // host:port
    bool connected = false;
    std::uint64_t sent_bytes = 0;
    std::uint64_t received_bytes = 0;
    std::uint64_t dropped_messages = 0;
};

struct ConsensusStatus {
    ledger::Epoch epoch;
    ledger::View view;
    crypto::PublicKey leader;  // of the view
    std::size_t quorum = 1;
    ledger::Height final_height;    // of the newest block known to be final
    ledger::Height applied_height;  // of the newest block whose state is served here
    ledger::BlockDigest applied_digest;
    std::uint64_t applied_block_ms = 0;      // that block's time; since 1970, UTC
    std::uint64_t last_finalization_ms = 0;  // when a block became final here; 0: not since start
    std::size_t waiting_transactions = 0;
    std::vector<ValidatorStatus> validators;  // in the order of their keys
    std::vector<PeerConnection> peers;
    // Whether writes can be expected to succeed here: caught up, and in touch with a quorum.
    bool ready = false;
    std::string why_not_ready;
};

// An orderer that says how it is. Both from any thread.
class WatchedOrderer : public chain::Orderer {
  public:
    virtual ConsensusStatus status() const = 0;
    // Oldest first; what was seen since the start, at most kEvidenceMax.
    virtual std::vector<consensus::Evidence> evidence() const = 0;
};

inline constexpr std::size_t kEvidenceMax = 256;

}  // namespace ashlar::node
