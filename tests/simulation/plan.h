// What a simulated run is made of: validators, links, disks, faults, and who lies how.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "consensus/action.h"

namespace ashlar::simulation {

using consensus::TimeUs;

constexpr TimeUs kMillisecond = 1'000;
constexpr TimeUs kSecond = 1'000'000;

class World;

struct LinkModel {
    TimeUs latency_us = 5 * kMillisecond;
    TimeUs jitter_us = 5 * kMillisecond;  // added at random to each message, so that they overtake
    std::uint32_t loss_ppm = 0;
    std::uint32_t duplicate_ppm = 0;
};

enum class Behaviour {
    honest,
    silent,               // takes part in nothing
    equivocates,          // as leader proposes two blocks, to two halves
    votes_everything,     // notarizes, nullifies and finalizes whatever it sees
    nullifies_finalized,  // nullifies and finalizes each view
    only_nullifies,
    forges,        // votes and certificates whose signatures are noise
    impersonates,  // votes under the names of others
    far_views,     // votes for views long past and far ahead
    wrong_epoch,   // votes of other epochs, rightly signed
    withholds,     // as leader gives its block to some only
    missing_pack,  // as leader names a pack that nobody has
    bad_blocks,    // as leader proposes blocks whose root is wrong
    chaotic,       // anything at all that is rightly signed, to anybody, at any time
    floods,        // requests and blocks that nobody asked for
    thin,          // certificates with one signature too few, each of them good
};

struct Plan {
    std::string name;
    std::string what;  // one line for people
    std::size_t validators = 4;
    std::size_t spares = 0;  // more that exist, and join when a later epoch takes them in
    std::vector<std::pair<std::size_t, Behaviour>> liars;
    // Validators (by index) that run a second time with the same key; they count as liars.
    std::vector<std::size_t> clones;

    LinkModel links;
    TimeUs sync_us = 200;
    TimeUs check_us = 100;
    std::uint32_t crash_per_action_ppm = 0;
    std::uint32_t sync_failure_ppm = 0;
    std::uint32_t disk_full_ppm = 0;
    TimeUs down_us_max = 2 * kSecond;

    TimeUs expected_delay_us = 20 * kMillisecond;
    TimeUs idle_us = 0;
    TimeUs transaction_interval_us = 20 * kMillisecond;
    std::uint64_t blocks_per_epoch = 0;  // 0: the set never changes
    bool fixed_set = false;              // its script counts on who is in the set

    // How high the chain has to be when the faults stop: with at most f faulty, and links that
    // mostly work, it goes on all the time.
    std::uint64_t blocks_min = 0;
    // How high it may be by then: without work there are no blocks but heartbeats. 0: any height.
    std::uint64_t blocks_max = 0;
    // How many reports of evidence there have to be: whoever hears two votes that contradict each
    // other says so.
    std::uint64_t evidence_min = 0;
    TimeUs duration_us = 20 * kSecond;  // with faults
    TimeUs recovery_us = 60 * kSecond;  // after them, at most, until all have gone on
    // As in production: Ed25519, and everything encoded on its way and on the disk.
    bool real_signatures = false;
    // Arranges what happens when; runs before the first event.
    std::function<void(World&)> script;
};

}  // namespace ashlar::simulation
