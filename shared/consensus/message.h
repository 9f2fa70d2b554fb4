// What validators say to each other. The sender of each is authenticated by the connection; only
// votes and certificates prove more than that.
#pragma once

#include <variant>
#include <vector>

#include "consensus/certificate.h"

namespace ashlar::consensus {

// The engine's share of the channels of a connection; each has its own queue and limits.
enum class Channel : std::uint8_t { votes = 0, certificates = 1, resolver = 2, broadcast = 3 };

// The leader's block for a round, sent before its vote is durable: the vote makes it a proposal.
struct BlockMessage {
    Round round;
    Bytes block;
    friend bool operator==(const BlockMessage&, const BlockMessage&) = default;
};

// Asks for whatever certificate the peer has of the view; or its newest, where that is final.
struct CertificateRequest {
    Round round;
    friend bool operator==(const CertificateRequest&, const CertificateRequest&) = default;
};

struct BlockRequest {
    BlockDigest block;
    friend bool operator==(const BlockRequest&, const BlockRequest&) = default;
};

struct BlockResponse {
    Bytes block;
    friend bool operator==(const BlockResponse&, const BlockResponse&) = default;
};

// Asks for final blocks from this height on.
struct FinalizedRequest {
    Height from;
    friend bool operator==(const FinalizedRequest&, const FinalizedRequest&) = default;
};

// Final blocks of consecutive heights, the last of which the certificate finalizes.
struct FinalizedResponse {
    std::vector<Bytes> blocks;
    Certificate finalization;
    friend bool operator==(const FinalizedResponse&, const FinalizedResponse&) = default;
};

// How many blocks one answer may hold. Who serves them ends each answer at a block that has a
// finalization of its own, or goes on to the next that has.
constexpr std::size_t kFinalizedBlocksPerResponse = 64;

using Message = std::variant<Vote, Certificate, BlockMessage, CertificateRequest, BlockRequest,
                             BlockResponse, FinalizedRequest, FinalizedResponse>;

Channel channel_of(const Message& message);

}  // namespace ashlar::consensus
