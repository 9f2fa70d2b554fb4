// Work in the background, so that pushes stay cheap and fetches stay fast: merges many small packs
// of a repository into one, makes the graph of its largest pack (git/pack/pack_graph.h), drops what
// no ref has reached for a time of grace, notes which repositories hold nothing unreachable, and
// removes packs that no repository lists. A repository that was pushed to is looked after as soon
// as it has come to rest, all others in rounds.
//
// It can be stopped or die at any point: a new pack is stored before one commit puts it in the
// place of others, and these are removed after it; what is left in between goes at the next start.
// It never blocks a push or a fetch: who reads old packs goes on reading them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "chain/state_reader.h"
#include "git/pack/pack_limits.h"
#include "git/pack/pack_receiver.h"
#include "git/pack/pack_selection.h"
#include "native/node/merge_plan.h"
#include "native/node/pack_pins.h"

namespace ashlar::node {

class Node;

struct HousekeepingOptions {
    // Between two rounds; 0: nothing starts by itself.
    std::uint64_t interval_ms = 60'000;
    // A repository is at rest when nobody has pushed to it for as long.
    std::uint64_t rest_ms = 2'000;
    // The share of one core that it takes at most.
    std::uint32_t busy_percent_max = 30;
    MergeLimits merge;
    // What became unreachable stays this long after the repository's last push.
    std::uint64_t unreachable_grace_ms = std::uint64_t{14} * 24 * 3600 * 1000;
    // Repositories with more objects are not walked.
    std::uint64_t walked_objects_max = 2'000'000;
    // Packs with fewer objects get no graph: they are walked as fast.
    std::uint64_t graph_objects_min = 2'000;
};

struct HousekeepingReport {
    std::size_t merged_packs = 0;     // that became part of another
    std::size_t dropped_objects = 0;  // that no ref reached
    std::size_t made_graphs = 0;
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

    // Somebody has pushed. From any thread; does not wait.
    void note_push(forge::RepositoryId repository);

    // One round, here and now; one at a time. Fails where the state cannot be read.
    Expected<HousekeepingReport> run_once();

  private:
    struct Work;

    using Time = std::chrono::steady_clock::time_point;

    void run();
    // Waits until something is to be done: gives the repositories that have come to rest, or
    // nothing when it is time to stop. None of them: the time of a round has come.
    std::optional<std::vector<forge::RepositoryId>> wait_for_work(Time next_round);
    void tend_rested(const std::vector<forge::RepositoryId>& rested);
    Expected<void> tend(forge::RepositoryId repository, HousekeepingReport& report);
    Expected<Work> look_at(forge::RepositoryId repository) const;
    Expected<void> merge_small(Work& work, HousekeepingReport& report);
    Expected<void> tend_graph(Work& work, HousekeepingReport& report);
    Expected<void> tend_unreachable(Work& work, HousekeepingReport& report);
    // Writes the selected objects of the packs as one, and puts that in the place of all of them.
    Expected<void> replace(Work& work, const std::vector<chain::RepositoryPack>& old,
                           git::PackSelection selection);
    Expected<forge::PackReference> write_pack(
        const std::shared_ptr<const git::PackCatalog>& catalog, git::PackSelection selection,
        std::unique_ptr<PackPins::Pin>& pin);
    Expected<void> copy(const Chunk& chunk, git::PackReceiver& receiver);
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
    std::map<std::uint64_t, Time> pushed_;     // when a repository will have come to rest, by id
    std::set<git::PackDigest> without_graph_;  // packs for which none can be made
    std::thread thread_;
};

}  // namespace ashlar::node
