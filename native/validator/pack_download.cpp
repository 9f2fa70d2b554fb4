#include "native/validator/pack_download.h"

#include <algorithm>
#include <utility>

namespace ashlar::validator {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::uint64_t size_of_extent(const codec::PackManifestAnswer& manifest, std::uint32_t extent) {
    const std::uint64_t offset = extent * git::kPackExtentSize;
    return std::min(git::kPackExtentSize, manifest.size - offset);
}

}  // namespace

bool is_manifest_of(const codec::PackManifestAnswer& manifest, const git::PackDigest& pack) {
    const std::uint64_t count =
        manifest.size / git::kPackExtentSize + (manifest.size % git::kPackExtentSize == 0 ? 0 : 1);
    if (manifest.size == 0 || manifest.extents.size() != count) return false;
    git::PackManifest named;
    named.size = manifest.size;
    named.object_count = manifest.object_count;
    named.extents = manifest.extents;
    return named.digest() == pack;
}

PackDownload::PackDownload(CheckedPacks& checked_packs, RequestTable& requests,
                           const codec::PackManifestAnswer& manifest, std::vector<PublicKey> peers,
                           AskExtent ask, MayGoOn may_go_on, const Limits& limits)
    : requests_(requests),
      manifest_(manifest),
      peers_(std::move(peers)),
      ask_(std::move(ask)),
      may_go_on_(std::move(may_go_on)),
      limits_(limits),
      intake_(checked_packs, nullptr) {}

PackDownload::~PackDownload() {
    for (const Asked& asked : asked_) requests_.close(asked.request);
}

void PackDownload::ask(std::uint32_t extent, bool first) {
    const PublicKey& peer = peers_[turn_++ % peers_.size()];
    const Asked asked{ask_(peer, extent), peer, extent};
    if (first) {
        asked_.push_front(asked);
    } else {
        asked_.push_back(asked);
    }
}

void PackDownload::ask_ahead() {
    while (asked_.size() < limits_.window && next_to_ask_ < manifest_.extents.size()) {
        ask(next_to_ask_++, false);
    }
}

// It is asked for nothing more: what else was asked of it goes to others.
void PackDownload::leave(const PublicKey& peer) {
    std::erase(peers_, peer);
    if (peers_.empty()) return;
    for (Asked& other : asked_) {
        if (other.peer != peer) continue;
        requests_.close(other.request);
        other.peer = peers_[turn_++ % peers_.size()];
        other.request = ask_(other.peer, other.extent);
    }
}

bool PackDownload::is_slow(const PublicKey& peer) const {
    const Pace& pace = paces_.at(peer);
    return pace.waited > milliseconds(limits_.grace_ms + pace.bytes / limits_.bytes_per_ms_min);
}

// The next in order. Who does not answer well is asked for nothing more.
Expected<Bytes> PackDownload::next_extent() {
    while (true) {
        const Asked asked = asked_.front();
        asked_.pop_front();
        const auto since = steady_clock::now();
        auto answer = requests_.wait(asked.request, since + milliseconds(limits_.answer_ms_max));
        Pace& pace = paces_[asked.peer];
        pace.waited += steady_clock::now() - since;
        auto* extent = answer ? std::get_if<codec::PackExtentAnswer>(&*answer) : nullptr;
        if (extent != nullptr && extent->bytes.size() == size_of_extent(manifest_, asked.extent) &&
            crypto::hash(git::kPackExtentDomain, extent->bytes) ==
                manifest_.extents[asked.extent]) {
            pace.bytes += extent->bytes.size();
            if (peers_.size() > 1 && is_slow(asked.peer)) leave(asked.peer);
            return std::move(extent->bytes);
        }
        leave(asked.peer);
        if (peers_.empty()) {
            asked_.push_front(asked);  // closed with the others
            return fail(ErrorCode::unavailable,
                        "every validator that had the pack failed to send "
                        "all of it");
        }
        ask(asked.extent, true);
    }
}

Expected<std::shared_ptr<const KnownPack>> PackDownload::run() {
    for (std::size_t extent = 0; extent < manifest_.extents.size(); ++extent) {
        ASHLAR_CHECK(may_go_on_(extent * git::kPackExtentSize));
        ask_ahead();
        ASHLAR_TRY(const Bytes bytes, next_extent());
        ASHLAR_CHECK(intake_.write(bytes));
    }
    return intake_.finish();
}

}  // namespace ashlar::validator
