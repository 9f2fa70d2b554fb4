// A validator among others, put together: the connections to them, the agreement, and the packs.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "native/node/node.h"
#include "native/peer/peer_network.h"
#include "native/validator/consensus_orderer.h"

namespace ashlar::validator {

// In the data folder, beside what node/data_folder.h lists.
inline constexpr std::string_view kJournalFolder = "journal";
// There as long as votes may matter that were in a journal that was lost.
inline constexpr std::string_view kJournalLostFile = "journal.lost";

struct NetworkOptions {
    std::filesystem::path folder;  // the data folder
    peer::PeerOptions peers;       // the chain is filled in
    // Who may be connected without being a validator: those that the operator lets follow.
    std::set<crypto::PublicKey> followers;
    ConsensusOptions consensus;
};

// The state gives permission, for who is connected is served packs and rows of every repository;
// the configuration gives addresses, and where both have one its is the way from here. Whoever is
// neither a validator nor a follower is not among them, whatever the configuration says.
std::vector<peer::PeerAddress> permitted_peers(const std::vector<peer::PeerAddress>& configured,
                                               const std::set<crypto::PublicKey>& followers,
                                               const forge::ValidatorSet& validators);

// The node and the transport outlive the gate.
using PackGateFactory =
    std::function<Expected<std::unique_ptr<PackGate>>(node::Node& node, Transport& transport)>;

node::OrdererFactory network_orderer_factory(NetworkOptions options,
                                             std::shared_ptr<node::RandomSource> random,
                                             PackGateFactory make_gate);

// The state is fetched anew, and may be older than votes that the journal has let go of: where
// there is a journal it counts as lost, as durably as anything.
Expected<void> distrust_journal(const std::filesystem::path& folder);

// Makes the journal of a validator that is new with its network. Nothing happens where there is
// one. A validator that is started without it is taken for one that has lost it, and votes only
// where it cannot have voted.
Expected<void> create_journal(const std::filesystem::path& folder, const ledger::ChainId& chain);

}  // namespace ashlar::validator
