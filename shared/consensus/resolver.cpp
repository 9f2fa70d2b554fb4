#include "consensus/resolver.h"

#include <algorithm>

namespace ashlar::consensus {

void Resolver::begin() {
    for (auto& pair : entries_) pair.second.needed = false;
}

void Resolver::want(const Want& want, const std::optional<PublicKey>& first, TimeUs now) {
    auto found = entries_.find(want);
    if (found == entries_.end()) {
        if (entries_.size() >= kWantsMax) return;
        found = entries_.emplace(want, Entry{first, now + grace_us_, 0, turn_++, true}).first;
    }
    found->second.needed = true;
}

void Resolver::end() {
    std::erase_if(entries_, [](const auto& pair) { return !pair.second.needed; });
}

std::vector<std::pair<PublicKey, Want>> Resolver::due(TimeUs now,
                                                      const std::vector<PublicKey>& peers) {
    std::vector<std::pair<PublicKey, Want>> requests;
    for (auto& pair : entries_) {
        Entry& entry = pair.second;
        if (entry.at > now) continue;
        entry.at = now + retry_us_;
        if (peers.empty()) continue;
        bool ask_first = entry.first && entry.tries == 0 &&
                         std::find(peers.begin(), peers.end(), *entry.first) != peers.end();
        const PublicKey& peer =
            ask_first ? *entry.first : peers[(entry.start + entry.tries) % peers.size()];
        requests.emplace_back(peer, pair.first);
        ++entry.tries;
    }
    return requests;
}

std::optional<TimeUs> Resolver::next_at() const {
    std::optional<TimeUs> at;
    for (const auto& pair : entries_) {
        if (!at || pair.second.at < *at) at = pair.second.at;
    }
    return at;
}

}  // namespace ashlar::consensus
