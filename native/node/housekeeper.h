// Work in the background, so that pushes stay cheap and fetches stay fast: merges many small packs
// of a repository into one, drops what no ref has reached for a time of grace, notes which
// repositories hold nothing unreachable, and removes packs that no repository lists.
//
// It can be stopped or die at any point: a new pack is stored before one commit puts it in the
// place of others, and these are removed after it; what is left in between goes at the next start.
// It never blocks a push or a fetch: who reads old packs goes on reading them.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "chain/state_reader.h"
#include "git/pack/pack_limits.h"
#include "native/node/merge_plan.h"

namespace ashlar::node {

class Node;

struct HousekeepingOptions {
    // Between two rounds; 0: no round starts by itself.
    std::uint64_t interval_ms = 60'000;
    // The share of one core that it takes at most.
    std::uint32_t busy_percent_max = 30;
    MergeLimits merge;
    // What became unreachable stays this long after the repository's last push.
    std::uint64_t unreachable_grace_ms = std::uint64_t{14} * 24 * 3600 * 1000;
    // Repositories with more objects are not walked.
    std::uint64_t walked_objects_max = 2'000'000;
};

struct HousekeepingReport {
    std::size_t merged_packs = 0;         // that became part of another
    std::size_t dropped_objects = 0;      // that no ref reached
    std::size_t clean_repositories = 0;   // newly found to hold nothing unreachable
    std::size_t failed_repositories = 0;  // left as they were
    std::optional<Error> first_failure;
};

class Housekeeper {
  public:
    // The node outlives this.
    Housekeeper(Node& node, const HousekeepingOptions& options);
    // Stops at the next piece of work, and waits for that.
    ~Housekeeper();
    Housekeeper(const Housekeeper&) = delete;
    Housekeeper& operator=(const Housekeeper&) = delete;

    // One round, here and now; one at a time. Fails where the state cannot be read.
    Expected<HousekeepingReport> run_once();

  private:
    struct Work;

    void run();
    Expected<void> tend(const forge::Repository& repository, HousekeepingReport& report);
    Expected<void> merge_small(Work& work, HousekeepingReport& report);
    Expected<void> tend_unreachable(Work& work, HousekeepingReport& report);
    // Writes the objects as one pack, and puts it in the place of these.
    Expected<void> replace(Work& work, const std::vector<chain::RepositoryPack>& old,
                           const std::vector<git::ObjectId>& ids);
    // Lets others work; fails with `unavailable` when it is time to stop.
    Expected<void> pause();

    Node& node_;
    const HousekeepingOptions options_;
    std::mutex round_mutex_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::uint64_t rounds_ = 0;
    std::uint64_t worked_since_ns_ = 0;
    std::thread thread_;
};

}  // namespace ashlar::node
