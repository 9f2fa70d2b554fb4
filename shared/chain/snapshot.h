// The state at one final block, row by row, for a validator that is new or was away for too long.
//
// What travels are the rows that cannot be computed: records, refs, each repository's list of
// packs, and the block itself. The trees over them are built again where they arrive, and their
// roots compared with the certified header and the repositories' records; only then does the store
// become a chain. The lists of packs are each node's own and proven by nothing: whoever takes them
// checks that the packs hold all that the refs need.
//
// A store that a snapshot is being written into bears a mark until the last commit, so that a
// start which was cut short begins again.
#pragma once

#include <functional>
#include <set>

#include "chain/proof.h"
#include "forge/genesis.h"
#include "ledger/overlay.h"
#include "ledger/state_tree.h"

namespace ashlar::chain {

// What all rows of one snapshot may take up.
inline constexpr std::uint64_t kSnapshotBytesMax = std::uint64_t{64} << 30;

// ---- Giving ----

// The head's header with a certificate of its own. Fails with `not_found` at the genesis, with
// `unavailable` where the head is final as another's ancestor and that one is not stored yet.
Expected<FinalizedHeader> certified_head(const KeyValueReader& rows);

// Where to go on: the first key, and how much of its value is there already.
struct SnapshotCursor {
    Bytes from;
    std::uint64_t value_offset = 0;
};
// Calls `visit` for the rows of the snapshot in the order of their keys, until it returns false.
Expected<void> scan_snapshot(const KeyValueReader& rows, ledger::Height height,
                             const SnapshotCursor& cursor, const KeyValueReader::Visitor& visit);

// ---- Taking ----

// Whether a snapshot is being written into the store: it is no chain, and must not be read.
Expected<bool> holds_partial_snapshot(const KeyValueReader& rows);
// From here on the store is no chain, until a snapshot was written into it.
Expected<void> begin_snapshot(KeyValue& rows);

class SnapshotWriter {
  public:
    // Marks the store, and removes what is left of another state. The header was checked against
    // the validators.
    static Expected<std::unique_ptr<SnapshotWriter>> start(KeyValue& rows,
                                                           const forge::Genesis& genesis,
                                                           FinalizedHeader finalized);

    // The next row. Fails with `invalid` where it cannot be the snapshot's: out of order, of
    // another kind, or not decodable.
    Expected<void> add(ByteView key, Bytes value);
    // The header that ended an epoch, checked: kept, so that this validator can lead others on,
    // too.
    Expected<void> keep_header(const FinalizedHeader& finalized);
    // All rows have come. Fails with `invalid` where they are not the state that the header names.
    Expected<void> check();
    // The store is a chain, with this head. After check(), and when the packs are there.
    Expected<void> finish();

    const FinalizedHeader& finalized() const { return finalized_; }

  private:
    SnapshotWriter(KeyValue& rows, const forge::Genesis& genesis, FinalizedHeader finalized);

    Expected<void> add_record(std::string_view path, const Bytes& value);
    Expected<void> add_ref(ByteView key, const Bytes& value);
    Expected<void> add_pack(ByteView key, const Bytes& value);
    Expected<void> add_block(ByteView key, const Bytes& value);
    Expected<void> flush();
    Expected<void> flush_refs();
    Expected<void> check_repository(const forge::Repository& repository);

    KeyValue& rows_;
    const forge::Genesis genesis_;
    const FinalizedHeader finalized_;
    std::unique_ptr<ledger::Overlay> overlay_;
    std::vector<ledger::TreeUpdate> state_updates_;
    std::vector<ledger::TreeUpdate> ref_updates_;
    forge::RepositoryId ref_repository_;                // that the ref updates are of
    std::set<forge::RepositoryId> repositories_named_;  // by rows of refs and packs
    Bytes last_key_;
    std::size_t waiting_bytes_ = 0;
    std::uint64_t bytes_ = 0;
    std::optional<std::vector<Bytes>> transactions_;
};

}  // namespace ashlar::chain
