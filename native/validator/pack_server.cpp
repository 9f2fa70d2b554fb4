#include "native/validator/pack_server.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "codec/proof.h"

namespace ashlar::validator {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kOpenedMax = 4;

bool is_request(const codec::PeerMessage& message) {
    return std::holds_alternative<codec::PackManifestRequest>(message) ||
           std::holds_alternative<codec::PackExtentRequest>(message) ||
           std::holds_alternative<codec::SnapshotRequest>(message) ||
           std::holds_alternative<codec::EpochRequest>(message) ||
           std::holds_alternative<codec::RowsRequest>(message);
}

}  // namespace

PackServer::PackServer(CheckedPacks& checked_packs, Transport& transport, State state,
                       const ServeOptions& options)
    : checked_packs_(checked_packs),
      transport_(transport),
      state_(std::move(state)),
      options_(options) {}

void PackServer::serve(const PublicKey& from, codec::PeerMessage request) {
    if (!is_request(request)) return;
    {
        const std::lock_guard lock(mutex_);
        std::size_t& waiting = waiting_[from];
        if (waiting >= options_.requests_per_peer_max) return;
        ++waiting;
    }
    pool_.submit([this, from, request = std::move(request)] {
        const codec::PeerMessage made =
            std::visit([this](const auto& one) { return answer(one); }, request);
        transport_.send(from, peer::Channel::sync,
                        std::make_shared<const Bytes>(codec::encode(made)));
        const std::lock_guard lock(mutex_);
        if (--waiting_[from] == 0) waiting_.erase(from);
    });
}

bool PackServer::tick() {
    if (!holds_something_) return false;
    pool_.submit([this] {
        opened_.clear();
        const auto now = steady_clock::now();
        std::erase_if(snapshots_, [&](const Snapshot& snapshot) {
            return now - snapshot.made > milliseconds(options_.snapshot_ms);
        });
        holds_something_ = !snapshots_.empty();
    });
    return true;
}

template <typename Other>
codec::PeerMessage PackServer::answer(const Other&) {
    return codec::NotHere{};
}

Expected<std::shared_ptr<const git::StoredPack>> PackServer::open(const git::PackDigest& digest) {
    const auto found = std::find_if(opened_.begin(), opened_.end(),
                                    [&](const auto& pack) { return pack->digest == digest; });
    if (found != opened_.end()) return *found;
    // Who asks for one part will ask for the others.
    ASHLAR_TRY(const auto held, checked_packs_.hold(digest));
    if (!held) return fail(ErrorCode::not_found, "pack " + digest.hex());
    ASHLAR_TRY(auto pack, checked_packs_.open(digest));
    holds_something_ = true;
    opened_.push_front(pack);
    if (opened_.size() > kOpenedMax) opened_.pop_back();
    return pack;
}

codec::PeerMessage PackServer::answer(const codec::PackManifestRequest& request) {
    const auto pack = open(request.pack);
    if (!pack || (*pack)->manifest.extents.size() > codec::kPackExtentCountMax) {
        return codec::NotHere{request.request};
    }
    const git::PackManifest& manifest = (*pack)->manifest;
    return codec::PackManifestAnswer{request.request, manifest.size, manifest.object_count,
                                     manifest.extents};
}

codec::PeerMessage PackServer::answer(const codec::PackExtentRequest& request) {
    const auto pack = open(request.pack);
    if (!pack || request.extent >= (*pack)->manifest.extents.size()) {
        return codec::NotHere{request.request};
    }
    const std::uint64_t offset = request.extent * git::kPackExtentSize;
    Bytes bytes(
        static_cast<std::size_t>(std::min(git::kPackExtentSize, (*pack)->manifest.size - offset)));
    if (!(*pack)->body->read(offset, bytes)) return codec::NotHere{request.request};
    return codec::PackExtentAnswer{request.request, std::move(bytes)};
}

codec::PeerMessage PackServer::answer(const codec::SnapshotRequest& request) {
    const auto now = steady_clock::now();
    const auto is_younger = [now](const Snapshot& snapshot, std::uint32_t ms) {
        return now - snapshot.made <= milliseconds(ms);
    };
    const bool full = snapshots_.size() >= options_.snapshots_max &&
                      is_younger(snapshots_.front(), options_.snapshot_ms_min);
    const bool fresh =
        full || (!snapshots_.empty() && is_younger(snapshots_.back(), options_.snapshot_fresh_ms));
    if (!fresh) {
        auto made = make_snapshot();
        // At the beginning of a network nobody has anything but the genesis.
        if (!made && made.error().code == ErrorCode::not_found) {
            return codec::SnapshotOffer{request.request, {}, {}};
        }
        if (!made) return codec::NotHere{request.request};
        holds_something_ = true;
        snapshots_.push_back(std::move(*made));
        if (snapshots_.size() > options_.snapshots_max) snapshots_.pop_front();
    }
    return codec::SnapshotOffer{request.request, snapshots_.back().id, snapshots_.back().finalized};
}

Expected<PackServer::Snapshot> PackServer::make_snapshot() {
    Snapshot snapshot;
    snapshot.state = state_();
    if (!snapshot.state) return fail(ErrorCode::not_found, "there is no state yet");
    ASHLAR_TRY(const auto finalized, chain::certified_head(snapshot.state->rows()));
    snapshot.height = finalized.header.height;
    snapshot.finalized = codec::encode(finalized);
    snapshot.made = steady_clock::now();
    last_snapshot_ = last_snapshot_.next();
    snapshot.id = last_snapshot_;
    return snapshot;
}

codec::PeerMessage PackServer::answer(const codec::RowsRequest& request) {
    const auto found =
        std::find_if(snapshots_.begin(), snapshots_.end(),
                     [&](const Snapshot& snapshot) { return snapshot.id == request.snapshot; });
    if (found == snapshots_.end()) return codec::NotHere{request.request};
    codec::RowsAnswer answer{request.request, {}, false};
    std::size_t bytes = 0;
    const chain::SnapshotCursor cursor{request.from, request.value_offset};
    const auto take = [&](ByteView key, ByteView value) {
        if (bytes >= options_.rows_bytes_max || answer.rows.size() >= codec::kRowCountMax) {
            return false;
        }
        const ByteView part = value.first(std::min(value.size(), options_.rows_bytes_max - bytes));
        answer.cut = part.size() < value.size();
        answer.rows.push_back({to_bytes(key), to_bytes(part)});
        bytes += key.size() + part.size();
        return !answer.cut;
    };
    const auto scanned = chain::scan_snapshot(found->state->rows(), found->height, cursor, take);
    if (!scanned) return codec::NotHere{request.request};
    return answer;
}

codec::PeerMessage PackServer::answer(const codec::EpochRequest& request) {
    const auto state = state_();
    if (!state) return codec::NotHere{request.request};
    auto change = chain::prove_epoch_change(state->rows(), request.epoch);
    if (!change) return codec::NotHere{request.request};
    return codec::EpochAnswer{request.request, codec::encode(change->last),
                              std::move(change->next_validators)};
}

}  // namespace ashlar::validator
