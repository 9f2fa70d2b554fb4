#include "native/node/housekeeper.h"

#include <algorithm>
#include <chrono>
#include <unordered_set>
#include <utility>

#include "git/pack/pack_receiver.h"
#include "git/pack/pack_writer.h"
#include "git/pack/packed_objects.h"
#include "git/walk/object_walk.h"
#include "native/node/clean_marks.h"
#include "native/node/node.h"

namespace ashlar::node {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
constexpr std::uint64_t kRoundsPerSweep = 10;
// A repository that is being pushed to is walked when it has come to rest.
constexpr std::uint64_t kRestMs = 10'000;

std::uint64_t monotonic_ns() {
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch() /
                                      std::chrono::nanoseconds(1));
}

// Every object of the packs, once, as the packs have them.
Expected<std::vector<git::ObjectId>> objects_of(const git::PackCatalog& catalog) {
    std::unordered_set<git::ObjectId> seen;
    std::vector<git::ObjectId> ids;
    for (std::size_t pack = 0; pack < catalog.pack_count(); ++pack) {
        ASHLAR_CHECK(
            catalog.scan_by_offset(pack, [&](const git::ObjectId& id, const git::PackIndexEntry&) {
                if (seen.insert(id).second) ids.push_back(id);
                return true;
            }));
    }
    return ids;
}

Expected<std::vector<git::ObjectId>> reachable_objects(
    const std::shared_ptr<const git::PackCatalog>& catalog, const git::RefSource& refs) {
    git::ObjectWalkRequest request;
    ASHLAR_CHECK(refs.scan("", [&request](const git::Ref& ref) {
        request.wants.push_back(ref.id);
        return true;
    }));
    git::PackedObjects objects(catalog);
    git::CommitGraph graph(objects);
    ASHLAR_TRY(auto listed, git::list_objects(graph, request));
    return std::move(listed.ids);
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
    while (true) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait_for(lock, std::chrono::milliseconds(options_.interval_ms),
                           [this] { return stopping_; });
            if (stopping_) return;
        }
        // What failed is tried again in the next round; a store that fails ends the process.
        static_cast<void>(run_once());
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
            const auto tended = tend(repository, report);
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

Expected<void> Housekeeper::tend(const forge::Repository& repository, HousekeepingReport& report) {
    Work work;
    work.state = node_.state();
    ASHLAR_TRY(work.repository, work.state->repository(repository.id));
    ASHLAR_TRY(work.packs, work.state->packs(repository.id));
    if (work.repository.may_hold_unreachable) ASHLAR_CHECK(tend_unreachable(work, report));
    return merge_small(work, report);
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
    ASHLAR_TRY(const auto ids, objects_of(*catalog));
    ASHLAR_CHECK(replace(work, old, ids));
    report.merged_packs += old.size();
    return {};
}

Expected<void> Housekeeper::tend_unreachable(Work& work, HousekeepingReport& report) {
    const std::uint64_t now_ms = node_.clock().now_ms();
    const std::uint64_t pushed_ms = work.repository.pushed_ms.value_or(0);
    if (now_ms < pushed_ms + kRestMs) return {};
    ASHLAR_TRY(const bool clean, is_marked_clean(work.state->rows(), work.repository));
    if (clean) return {};
    ASHLAR_TRY(const auto catalog, node_.open_packs(work.packs));
    if (catalog->object_count() > options_.walked_objects_max) return {};
    const chain::StateRefSource refs(
        std::shared_ptr<const KeyValueReader>(work.state, &work.state->rows()), work.repository);
    ASHLAR_TRY(const auto reachable, reachable_objects(catalog, refs));
    ASHLAR_CHECK(pause());
    ASHLAR_TRY(const auto all, objects_of(*catalog));
    if (reachable.size() != all.size()) {
        if (now_ms < pushed_ms + options_.unreachable_grace_ms) return {};
        ASHLAR_CHECK(replace(work, work.packs, reachable));
        report.merged_packs += work.packs.size();
        report.dropped_objects += all.size() - reachable.size();
        work.state = node_.state();
        ASHLAR_TRY(work.packs, work.state->packs(work.repository.id));
    }
    // Whoever pushed meanwhile changed what the mark names.
    ASHLAR_CHECK(node_.mark_clean(work.repository));
    ++report.clean_repositories;
    return {};
}

Expected<void> Housekeeper::replace(Work& work, const std::vector<chain::RepositoryPack>& old,
                                    const std::vector<git::ObjectId>& ids) {
    if (old.empty()) return {};
    if (ids.empty()) return node_.replace_packs(work.repository.id, old, std::nullopt);
    ASHLAR_TRY(const auto catalog, node_.open_packs(old));
    ASHLAR_TRY(const auto writer, git::PackWriter::create(catalog, ids));
    ASHLAR_TRY(const auto staging, node_.packs().stage());
    git::PackReceiver receiver(*staging, nullptr,
                               {node_.options().pack_limits, {}, nullptr, &node_.receive_memory()});
    Bytes piece;
    while (true) {
        ASHLAR_TRY(auto chunk, writer->next());
        if (!chunk) break;
        if (const Bytes* bytes = std::get_if<Bytes>(&*chunk)) {
            ASHLAR_CHECK(receiver.write(*bytes));
            ASHLAR_CHECK(pause());
            continue;
        }
        const StoredRange& range = std::get<StoredRange>(*chunk);
        for (std::uint64_t done = 0; done < range.length; done += piece.size()) {
            piece.resize(static_cast<std::size_t>(
                std::min<std::uint64_t>(kPieceBytes, range.length - done)));
            ASHLAR_CHECK(range.source->read(range.offset + done, piece));
            ASHLAR_CHECK(receiver.write(piece));
            ASHLAR_CHECK(pause());
        }
    }
    ASHLAR_TRY(const auto received, receiver.finish());
    PackPin pin;
    ASHLAR_TRY(const auto pack, node_.publish(*staging, received, pin));
    return node_.replace_packs(work.repository.id, old, pack);
}

}  // namespace ashlar::node
