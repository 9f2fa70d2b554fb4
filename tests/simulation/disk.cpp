#include "simulation/disk.h"

#include <algorithm>

namespace ashlar::simulation {

void Disk::synced(const Mark& mark) {
    durable_journal_ = std::max(durable_journal_, mark.journal);
    durable_chain_ = std::max(durable_chain_, mark.chain);
    drop_old();
}

void Disk::drop_old() {
    for (std::size_t at = durable_chain_; at > 0; --at) {
        const auto& finalization = chain_[at - 1].finalization;
        if (!finalization) continue;
        if (old_ && *old_ >= finalization->subject.round()) return;
        old_ = finalization->subject.round();
        break;
    }
    // Cheap while the journal is short; a prefix only, so that the marks stay simple.
    constexpr std::size_t kRecordsKept = 256;
    if (!old_ || journal_.size() < kRecordsKept) return;
    auto end = journal_.begin();
    while (end != journal_.end() && dropped_ < durable_journal_ &&
           consensus::round_of(*end) <= *old_) {
        ++end;
        ++dropped_;
    }
    journal_.erase(journal_.begin(), end);
}

void Disk::crash(Random& random) {
    std::uint64_t journal_end = dropped_ + journal_.size();
    std::uint64_t kept = random.between(durable_journal_, journal_end);
    journal_.resize(static_cast<std::size_t>(kept - dropped_));
    chain_.resize(random.between(durable_chain_, chain_.size()));
    // What survived is on the disk.
    durable_journal_ = kept;
    durable_chain_ = chain_.size();
}

void Disk::cut_chain(std::size_t size) {
    chain_.resize(std::min(size, chain_.size()));
    durable_chain_ = std::min(durable_chain_, size);
}

bool Disk::holds_durably(const consensus::Vote& vote) const {
    if (old_ && vote.subject.round() <= *old_) return true;
    for (std::uint64_t at = durable_journal_; at > dropped_; --at) {
        const auto* held =
            std::get_if<consensus::Vote>(&journal_[static_cast<std::size_t>(at - 1 - dropped_)]);
        if (held != nullptr && *held == vote) return true;
    }
    return false;
}

}  // namespace ashlar::simulation
