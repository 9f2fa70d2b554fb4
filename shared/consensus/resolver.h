// What the engine lacks, whom it asks and when. A want is asked of one peer after the other until
// it is there or no longer needed: an answer that does not help costs nobody blame.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "consensus/action.h"

namespace ashlar::consensus {

enum class WantKind : std::uint8_t { certificate, block, finalized };

struct Want {
    WantKind kind = WantKind::certificate;
    std::uint64_t number = 0;  // the view, or the height
    BlockDigest block;

    static Want certificate(View view) { return {WantKind::certificate, view.value, {}}; }
    static Want of_block(const BlockDigest& digest) { return {WantKind::block, 0, digest}; }
    static Want finalized(Height from) { return {WantKind::finalized, from.value, {}}; }
    friend bool operator==(const Want&, const Want&) = default;
    friend std::strong_ordering operator<=>(const Want&, const Want&) = default;
};

constexpr std::size_t kWantsMax = 64;

class Resolver {
  public:
    // A first request waits for `grace_us` (what is wanted is often on its way), each further one
    // for `retry_us` after the one before.
    Resolver(TimeUs grace_us, TimeUs retry_us) : grace_us_(grace_us), retry_us_(retry_us) {}

    // Between begin() and end(), every want is named again; what is not is dropped. Those beyond
    // kWantsMax are left for later.
    void begin();
    void want(const Want& want, const std::optional<PublicKey>& first, TimeUs now);
    void end();
    bool wants(const Want& want) const { return entries_.count(want) != 0; }

    // What to ask of whom now; counts as asked.
    std::vector<std::pair<PublicKey, Want>> due(TimeUs now, const std::vector<PublicKey>& peers);
    // When due() next has something.
    std::optional<TimeUs> next_at() const;
    void clear() { entries_.clear(); }

  private:
    struct Entry {
        std::optional<PublicKey> first;
        TimeUs at = 0;
        std::size_t tries = 0;
        std::size_t start = 0;  // whom it goes to first, of those not named
        bool needed = true;
    };
    std::map<Want, Entry> entries_;
    std::size_t turn_ = 0;  // spreads what is wanted together over all peers
    TimeUs grace_us_;
    TimeUs retry_us_;
};

}  // namespace ashlar::consensus
