#include "native/node/housekeeper.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "git/pack/pack_graph.h"
#include "git/walk/pack_graph_builder.h"
#include "git/walk/reachable_objects.h"
#include "native/node/clean_marks.h"
#include "native/node/node.h"

namespace ashlar::node {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
constexpr std::uint64_t kRoundsPerSweep = 10;
std::uint64_t monotonic_ns() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                      std::chrono::nanoseconds(1));
}

Expected<std::vector<git::ObjectId>> tips_of(const chain::StateReader& state,
                                             const forge::Repository& repository) {
    std::vector<git::ObjectId> tips;
    ASHLAR_CHECK(state.records().scan_refs(repository.id, "", [&tips](const git::Ref& ref) {
        tips.push_back(ref.id);
        if (ref.peeled) tips.push_back(*ref.peeled);
        return true;
    }));
    return tips;
}

Error stopping() {
    return {ErrorCode::unavailable, "the node is stopping"};
}

}  // namespace

struct Housekeeper::Work {
    std::shared_ptr<const chain::StateReader> state;
    forge::Repository repository;
    std::vector<chain::RepositoryPack> packs;
};

Housekeeper::Housekeeper(Node& node, const HousekeepingOptions& options)
    : node_(node), options_(options) {
    if (options_.interval_ms > 0) thread_ = std::thread([this] { run(); });
}

Housekeeper::~Housekeeper() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Housekeeper::run() {
    const auto interval = std::chrono::milliseconds(options_.interval_ms);
    Time next_round = std::chrono::steady_clock::now() + interval;
    // What failed is tried again in the next round; a store that fails ends the process.
    while (const auto rested = wait_for_work(next_round)) {
        if (!rested->empty()) {
            tend_rested(*rested);
            continue;
        }
        static_cast<void>(run_once());
        next_round = std::chrono::steady_clock::now() + interval;
    }
}

void Housekeeper::note_push(forge::RepositoryId repository) {
    if (options_.interval_ms == 0) return;
    const std::lock_guard lock(mutex_);
    pushed_[repository.value] =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(options_.rest_ms);
    wake_.notify_all();
}

std::optional<std::vector<forge::RepositoryId>> Housekeeper::wait_for_work(Time next_round) {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const Time now = std::chrono::steady_clock::now();
        Time wake_at = next_round;
        std::vector<forge::RepositoryId> rested;
        for (const auto& [id, rests_at] : pushed_) {
            if (rests_at <= now) rested.emplace_back(id);
            wake_at = std::min(wake_at, rests_at);
        }
        for (const forge::RepositoryId id : rested) pushed_.erase(id.value);
        if (!rested.empty() || next_round <= now) return rested;
        wake_.wait_until(lock, wake_at);
    }
    return std::nullopt;
}

void Housekeeper::tend_rested(const std::vector<forge::RepositoryId>& rested) {
    const std::lock_guard round(round_mutex_);
    worked_since_ns_ = monotonic_ns();
    HousekeepingReport report;
    // What fails here fails again in a round, and is reported there.
    for (const forge::RepositoryId repository : rested) {
        static_cast<void>(tend(repository, report));
    }
}

Expected<HousekeepingReport> Housekeeper::run_once() {
    const std::lock_guard round(round_mutex_);
    worked_since_ns_ = monotonic_ns();
    HousekeepingReport report;
    chain::Page page;
    const auto keep_all = [](const forge::Repository&) { return true; };
    while (true) {
        ASHLAR_TRY(const auto repositories, node_.state()->repositories(page, keep_all));
        for (const forge::Repository& repository : repositories) {
            ASHLAR_CHECK(pause());
            const auto tended = tend(repository.id, report);
            if (tended) continue;
            ++report.failed_repositories;
            if (!report.first_failure) report.first_failure = tended.error();
        }
        if (repositories.empty()) break;
        page.after = repositories.back().id.value;
    }
    if (report.merged_packs > 0 || rounds_++ % kRoundsPerSweep == 0) {
        ASHLAR_CHECK(node_.remove_unattached_packs());
    }
    return report;
}

Expected<void> Housekeeper::pause() {
    const std::uint64_t worked_ns = monotonic_ns() - worked_since_ns_;
    std::unique_lock lock(mutex_);
    if (options_.busy_percent_max < 100) {
        const std::uint64_t busy = std::max<std::uint64_t>(1, options_.busy_percent_max);
        wake_.wait_for(lock, std::chrono::nanoseconds(worked_ns * (100 - busy) / busy),
                       [this] { return stopping_; });
    }
    worked_since_ns_ = monotonic_ns();
    return stopping_ ? Expected<void>(Unexpected(stopping())) : Expected<void>();
}

Expected<Housekeeper::Work> Housekeeper::look_at(forge::RepositoryId repository) const {
    Work work;
    work.state = node_.state();
    ASHLAR_TRY(work.repository, work.state->repository(repository));
    ASHLAR_TRY(work.packs, work.state->packs(repository));
    return work;
}

Expected<void> Housekeeper::tend(forge::RepositoryId repository, HousekeepingReport& report) {
    using Task = Expected<void> (Housekeeper::*)(Work&, HousekeepingReport&);
    for (const Task task :
         {&Housekeeper::merge_small, &Housekeeper::tend_graph, &Housekeeper::tend_unreachable}) {
        ASHLAR_TRY(Work work, look_at(repository));
        ASHLAR_CHECK((this->*task)(work, report));
    }
    return {};
}

Expected<void> Housekeeper::merge_small(Work& work, HousekeepingReport& report) {
    std::vector<MergeCandidate> candidates;
    for (const chain::RepositoryPack& pack : work.packs) {
        candidates.push_back({pack.sequence, pack.pack.object_count, pack.pack.size});
    }
    const auto chosen = plan_merge(std::move(candidates), options_.merge);
    if (chosen.empty()) return {};
    std::vector<chain::RepositoryPack> old;
    std::copy_if(work.packs.begin(), work.packs.end(), std::back_inserter(old),
                 [&chosen](const chain::RepositoryPack& pack) {
                     return std::binary_search(chosen.begin(), chosen.end(), pack.sequence);
                 });
    ASHLAR_TRY(const auto catalog, node_.open_packs(old));
    ASHLAR_TRY(auto everything, git::select_all(*catalog));
    ASHLAR_CHECK(replace(work, old, std::move(everything)));
    report.merged_packs += old.size();
    return {};
}

// Of the largest pack. Where that names what lies in others, all become one first.
Expected<void> Housekeeper::tend_graph(Work& work, HousekeepingReport& report) {
    const auto largest =
        std::max_element(work.packs.begin(), work.packs.end(),
                         [](const chain::RepositoryPack& left, const chain::RepositoryPack& right) {
                             return left.pack.object_count < right.pack.object_count;
                         });
    if (largest == work.packs.end() || largest->pack.object_count < options_.graph_objects_min ||
        without_graph_.contains(largest->pack.digest)) {
        return {};
    }
    ASHLAR_TRY(const auto catalog, node_.open_packs({*largest}));
    if (catalog->has_graph()) return {};
    ASHLAR_TRY(const auto tips, tips_of(*work.state, work.repository));
    git::PackGraphOptions options;
    options.pause = [this] { return pause(); };
    ASHLAR_TRY(const auto graph, git::build_pack_graph(catalog, tips, options));
    if (graph) {
        const auto put = node_.put_graph(largest->pack.digest, *graph);
        if (!put && put.error().code == ErrorCode::unsupported) {
            without_graph_.insert(largest->pack.digest);
            return {};
        }
        if (put) ++report.made_graphs;
        return put;
    }
    without_graph_.insert(largest->pack.digest);
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
    for (const chain::RepositoryPack& pack : work.packs) {
        objects += pack.pack.object_count;
        bytes += pack.pack.size;
    }
    if (objects > options_.merge.objects_max || bytes > options_.merge.bytes_max) return {};
    ASHLAR_TRY(const auto all, node_.open_packs(work.packs));
    ASHLAR_TRY(auto everything, git::select_all(*all));
    ASHLAR_CHECK(replace(work, work.packs, std::move(everything)));
    report.merged_packs += work.packs.size();
    ASHLAR_TRY(Work merged, look_at(work.repository.id));
    if (merged.packs.size() != 1) return {};  // somebody pushed; the next round goes on
    return tend_graph(merged, report);
}

Expected<void> Housekeeper::tend_unreachable(Work& work, HousekeepingReport& report) {
    const std::uint64_t now_ms = node_.clock().now_ms();
    const std::uint64_t pushed_ms = work.repository.pushed_ms.value_or(0);
    if (!work.repository.may_hold_unreachable || now_ms < pushed_ms + options_.rest_ms) return {};
    ASHLAR_TRY(const bool clean, is_marked_clean(work.state->rows(), work.repository));
    if (clean) return {};
    ASHLAR_TRY(const auto catalog, node_.open_packs(work.packs));
    if (!catalog->has_graph() && catalog->object_count() > options_.walked_objects_max) return {};
    ASHLAR_TRY(const auto tips, tips_of(*work.state, work.repository));
    git::ReachableObjects reachable_objects(catalog);
    ASHLAR_CHECK(reachable_objects.add(tips));
    ASHLAR_TRY(auto reachable, reachable_objects.take());
    ASHLAR_CHECK(pause());
    ASHLAR_TRY(const auto everything, git::select_all(*catalog));
    const std::uint64_t surplus = everything.count() - reachable.count();
    if (surplus > 0) {
        if (now_ms < pushed_ms + options_.unreachable_grace_ms) return {};
        ASHLAR_CHECK(replace(work, work.packs, std::move(reachable)));
        report.merged_packs += work.packs.size();
        report.dropped_objects += static_cast<std::size_t>(surplus);
    }
    // Whoever pushed meanwhile changed what the mark names.
    ASHLAR_CHECK(node_.mark_clean(work.repository));
    ++report.clean_repositories;
    return {};
}

Expected<void> Housekeeper::replace(Work& work, const std::vector<chain::RepositoryPack>& old,
                                    git::PackSelection selection) {
    if (old.empty()) return {};
    if (selection.count() == 0) {
        return node_.replace_packs(work.repository.id, old, std::nullopt);
    }
    ASHLAR_TRY(const auto catalog, node_.open_packs(old));
    PackPin pin;
    ASHLAR_TRY(const auto pack, write_pack(catalog, std::move(selection), pin));
    return node_.replace_packs(work.repository.id, old, pack);
}

Expected<forge::PackReference> Housekeeper::write_pack(
    const std::shared_ptr<const git::PackCatalog>& catalog, git::PackSelection selection,
    PackPin& pin) {
    ASHLAR_TRY(const auto pack, git::SelectedPack::create(catalog, std::move(selection)));
    ASHLAR_TRY(const auto staging, node_.packs().stage());
    git::PackReceiver receiver(*staging, nullptr,
                               {node_.options().pack_limits, {}, nullptr, &node_.receive_memory()});
    while (true) {
        ASHLAR_TRY(const auto chunk, pack->next());
        if (!chunk) break;
        ASHLAR_CHECK(copy(*chunk, receiver));
    }
    ASHLAR_TRY(const auto received, receiver.finish());
    return node_.publish(*staging, received, pin);
}

Expected<void> Housekeeper::copy(const Chunk& chunk, git::PackReceiver& receiver) {
    if (const Bytes* bytes = std::get_if<Bytes>(&chunk)) {
        ASHLAR_CHECK(receiver.write(*bytes));
        return pause();
    }
    const StoredRange& range = std::get<StoredRange>(chunk);
    Bytes piece;
    for (std::uint64_t done = 0; done < range.length; done += piece.size()) {
        piece.resize(
            static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, range.length - done)));
        ASHLAR_CHECK(range.source->read(range.offset + done, piece));
        ASHLAR_CHECK(receiver.write(piece));
        ASHLAR_CHECK(pause());
    }
    return {};
}

}  // namespace ashlar::node
