// How far an answer to a fetch has come, for the person at the terminal: the words are git's own.
#pragma once

#include <cstdint>
#include <string>

#include "git/wire/side_band.h"

namespace ashlar::git {

enum class FetchPhase : std::uint8_t {
    enumerating,  // which objects there are to send; nobody knows yet how many
    counting,     // where each lies and what it builds on
};

// Who is told while a pack is made, by the thread that makes it.
class FetchProgress {
  public:
    virtual ~FetchProgress() = default;
    // The head of the answer is complete, and the pack is being found out: until made(), packets of
    // the side band may go out between the two. `silent`: the client wants to read nothing.
    virtual void begin(SideBand side_band, bool silent) = 0;
    // The total is 0 where it is not known.
    virtual void report(FetchPhase phase, std::uint64_t done, std::uint64_t total) = 0;
    virtual void made() = 0;
};

// "Counting objects: 45% (450/1000)"; it ends with nothing, so that the next may stand in its
// place.
std::string progress_line(FetchPhase phase, std::uint64_t done, std::uint64_t total);

// What was found out, and what was sent: lines that stay.
struct SentObjects {
    std::uint64_t total = 0;
    std::uint64_t deltas = 0;         // of those, where each entry was looked at
    std::uint64_t reused = 0;         // entries that were copied one by one
    std::uint64_t reused_deltas = 0;  // of those
    std::uint64_t pack_reused = 0;    // in stretches of packs that were copied as they are
};
std::string enumerated_lines(std::uint64_t total);
std::string total_line(const SentObjects& sent);

}  // namespace ashlar::git
