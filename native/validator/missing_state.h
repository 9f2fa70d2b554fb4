// A start over a store that holds no state, or one that is too old to go on from: the state is
// fetched from the other validators first, over connections of their own for that time.
#pragma once

#include "native/node/data_folder.h"
#include "native/peer/peer_network.h"
#include "native/validator/snapshot_fetcher.h"

namespace ashlar::validator {

// What a validator that is new with its network has from the beginning (network_orderer.h): it need
// not ask the others whether they are further.
enum class Beginning { with_its_network, of_its_own };

struct MissingStateOptions {
    peer::PeerOptions peers;  // the chain is filled in
    Beginning beginning = Beginning::of_its_own;
    SnapshotOptions snapshot;
};

// Nothing happens where the store holds a state. Otherwise a journal counts as lost from here on:
// the state may come to be older than votes that it does not hold any more. Fails as
// SnapshotFetcher does, or where nothing can be listened on.
Expected<void> fetch_missing_state(KeyValue& rows, git::PackStore& packs,
                                   const node::DataFolder& data, const MissingStateOptions& options,
                                   node::RandomSource& random,
                                   const SnapshotFetcher::Progress& progress);

}  // namespace ashlar::validator
