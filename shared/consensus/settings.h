// What an engine starts from.
#pragma once

#include "consensus/action.h"

namespace ashlar::consensus {

struct Settings {
    ChainId chain;
    // How long a message takes between two validators, at most, when all is well. The timers follow
    // from it: 2 of it for the leader's proposal, 3 for the view.
    TimeUs expected_delay_us = 500'000;
    // How long a view waits for work before its leader makes an empty block; 0 never waits.
    TimeUs idle_us = 60'000'000;
    // This validator may have voted before, and its journal is gone. It follows, and votes again
    // only in rounds that it cannot have voted in (Engine::may_vote).
    bool journal_lost = false;
};

constexpr TimeUs kLeaderDelays = 2;
constexpr TimeUs kProgressDelays = 3;
constexpr TimeUs kRetryDelays = 3;  // between repeats of a nullify
constexpr TimeUs kPollDelays = 10;  // without news, until a peer is asked for some
// Timers double after each f+1 views in a row without a notarization, this often at most.
constexpr unsigned kBackoffDoublingsMax = 5;
// Votes and blocks for views further ahead than this are not kept: certificates lead there.
constexpr std::uint64_t kViewsAhead = 8;
// Messages for the next epoch kept of one peer until this validator is there, too.
constexpr std::size_t kNextEpochMessagesPerPeer = 8;
// A validator of whom nothing was heard for this many turns of all leaders is taken for silent.
constexpr std::uint64_t kSilentTurns = 2;
// How many views without a certificate are asked for at once, newest first.
constexpr std::uint64_t kCertificatesWanted = 16;
// How often a claim of a later epoch is followed up before it is taken for a lie.
constexpr std::size_t kClaimTriesMax = 3;

// The newest block that is durable and applied; genesis to begin with.
struct Anchor {
    Round round;  // of the finalization; view 0 at the start of an epoch
    Height height;
    BlockDigest digest;
    ValidatorSet validators;  // of the round's epoch
    std::optional<Certificate> finalization;
};

// What the engine shows of itself.
struct Status {
    Round round;
    PublicKey leader;
    Height height;  // of the last final block
    BlockDigest digest;
    View final_view;  // 0 at the start of an epoch
    bool between_epochs = false;
    bool catching_up = false;  // something is known to be final whose blocks are not all here
    struct Validator {
        PublicKey key;
        View last_vote;  // the latest view in which it was heard; 0 for none in this epoch
        bool refused = false;
    };
    std::vector<Validator> validators;
};

}  // namespace ashlar::consensus
