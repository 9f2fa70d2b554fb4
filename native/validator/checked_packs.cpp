#include "native/validator/checked_packs.h"

#include <algorithm>
#include <utility>

namespace ashlar::validator {

namespace {

std::size_t memory_of(const KnownPack& pack) {
    return sizeof(KnownPack) + pack.findings.boundary.size() * sizeof(git::ObjectReference) +
           pack.findings.unreferenced.size() * sizeof(git::ObjectId);
}

forge::PackReference reference_of(const git::PackManifest& manifest) {
    return {manifest.digest(), manifest.size, manifest.object_count, manifest.index_digest};
}

}  // namespace

CheckedPacks::CheckedPacks(git::PackStore& packs, Hold hold, const git::PackLimits& limits,
                           MemoryBudget* memory)
    : packs_(packs), hold_(std::move(hold)), limits_(limits), memory_(memory) {}

std::shared_ptr<const KnownPack> CheckedPacks::remember(const forge::PackReference& reference,
                                                        chain::PackFindings findings) {
    auto known = std::make_shared<const KnownPack>(KnownPack{reference, std::move(findings)});
    const std::lock_guard lock(mutex_);
    if (by_digest_.contains(reference.digest)) return known;
    entries_.push_front(known);
    by_digest_[reference.digest] = entries_.begin();
    bytes_ += memory_of(*known);
    while (bytes_ > kFindingsBytesMax) {
        bytes_ -= memory_of(*entries_.back());
        by_digest_.erase(entries_.back()->reference.digest);
        entries_.pop_back();
    }
    return known;
}

Expected<std::shared_ptr<const KnownPack>> CheckedPacks::known(const git::PackDigest& digest) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = by_digest_.find(digest);
        if (found != by_digest_.end()) {
            entries_.splice(entries_.begin(), entries_, found->second);
            return *found->second;
        }
    }
    return receive_again(digest);
}

Expected<std::shared_ptr<const KnownPack>> CheckedPacks::receive_again(
    const git::PackDigest& digest) {
    ASHLAR_TRY(const auto stored, packs_.open(digest));
    ASHLAR_TRY(const auto staging, packs_.stage());  // and discarded
    git::PackReceiver receiver(*staging, nullptr, {limits_, {}, nullptr, memory_});
    Bytes piece;
    for (std::uint64_t offset = 0; offset < stored->manifest.size; offset += piece.size()) {
        piece.resize(static_cast<std::size_t>(
            std::min(git::kPackExtentSize, stored->manifest.size - offset)));
        ASHLAR_CHECK(stored->body->read(offset, piece));
        ASHLAR_CHECK(receiver.write(piece));
    }
    std::unique_lock large(large_mutex_, std::defer_lock);
    if (stored->manifest.size >= kLargeIntakeBytes) large.lock();
    ASHLAR_TRY(const auto received, receiver.finish());
    return remember(reference_of(stored->manifest), chain::findings_of(received));
}

PackIntake::PackIntake(CheckedPacks& checked_packs, std::unique_ptr<git::ObjectSource> bases)
    : checked_packs_(checked_packs), bases_(std::move(bases)) {}

Expected<void> PackIntake::write(ByteView bytes) {
    if (!receiver_) {
        ASHLAR_TRY(staging_, checked_packs_.packs_.stage());
        receiver_ = std::make_unique<git::PackReceiver>(
            *staging_, bases_.get(),
            git::PackReceiver::Options{
                checked_packs_.limits_, {}, nullptr, checked_packs_.memory_});
    }
    return receiver_->write(bytes);
}

Expected<std::shared_ptr<const KnownPack>> PackIntake::finish() {
    if (!receiver_) return fail(ErrorCode::invalid, "a pack without a byte");
    std::unique_lock large(checked_packs_.large_mutex_, std::defer_lock);
    if (staging_->size() >= kLargeIntakeBytes) large.lock();
    ASHLAR_TRY(const auto received, receiver_->finish());
    if (received.object_count == 0) return fail(ErrorCode::invalid, "a pack without an object");
    ASHLAR_TRY(const auto manifest, staging_->publish(received.object_count, received.index));
    // Its time begins.
    ASHLAR_CHECK(checked_packs_.hold_(manifest.digest()));
    return checked_packs_.remember(reference_of(manifest), chain::findings_of(received));
}

}  // namespace ashlar::validator
