// Answers other validators: manifests and extents of stored packs, and the rows of a snapshot of
// the state. One thread, so that a flood of requests costs the others of this validator little; of
// each peer so many may wait, and more are dropped.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "chain/snapshot.h"
#include "chain/state_reader.h"
#include "native/validator/checked_packs.h"
#include "native/validator/job_pool.h"
#include "native/validator/request_table.h"
#include "native/validator/transport.h"

namespace ashlar::validator {

struct ServeOptions {
    std::size_t requests_per_peer_max = 64;
    // What one answer with rows holds of them.
    std::size_t rows_bytes_max = std::size_t{1} << 20;
    // A snapshot is let go of so long after it was made.
    std::uint32_t snapshot_ms = 20 * 60 * 1000;
    // And from this age on when others are asked for, so that nobody can take it from who uses it.
    std::uint32_t snapshot_ms_min = 10 * 60 * 1000;
    // Younger than this it serves for others, too.
    std::uint32_t snapshot_fresh_ms = 30 * 1000;
    std::size_t snapshots_max = 2;
};

class PackServer {
  public:
    // The final state as it is now; null where there is none yet.
    using State = std::function<std::shared_ptr<const chain::StateReader>()>;

    PackServer(CheckedPacks& checked_packs, Transport& transport, State state,
               const ServeOptions& options);

    // One of the requests; passes over other messages. From any thread; does not block.
    void serve(const PublicKey& from, codec::PeerMessage request);
    // To be called now and then: lets go of what has been held for long enough. Whether anything is
    // held on to.
    bool tick();
    void stop() { pool_.stop(); }

  private:
    struct Snapshot {
        codec::SnapshotId id;
        RequestTable::Time made;
        std::shared_ptr<const chain::StateReader> state;
        ledger::Height height;
        Bytes finalized;
    };

    // All are called on the pool's thread.
    codec::PeerMessage answer(const codec::PackManifestRequest& request);
    codec::PeerMessage answer(const codec::PackExtentRequest& request);
    codec::PeerMessage answer(const codec::SnapshotRequest& request);
    codec::PeerMessage answer(const codec::RowsRequest& request);
    codec::PeerMessage answer(const codec::EpochRequest& request);
    template <typename Other>
    codec::PeerMessage answer(const Other& other);
    Expected<std::shared_ptr<const git::StoredPack>> open(const git::PackDigest& digest);
    Expected<Snapshot> make_snapshot();

    CheckedPacks& checked_packs_;
    Transport& transport_;
    const State state_;
    const ServeOptions options_;

    std::mutex mutex_;
    std::map<PublicKey, std::size_t> waiting_;
    std::atomic<bool> holds_something_ = false;

    // Of the pool's thread.
    std::deque<std::shared_ptr<const git::StoredPack>> opened_;  // the last few, newest first
    std::deque<Snapshot> snapshots_;                             // newest last
    codec::SnapshotId last_snapshot_;
    JobPool pool_{1};  // last: its thread uses the others
};

}  // namespace ashlar::validator
