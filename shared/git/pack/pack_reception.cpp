#include "git/pack/pack_reception.h"

#include <algorithm>

namespace ashlar::git {
namespace {

// Deltas that are resolved before their results are taken over: what a round holds of them.
constexpr std::uint32_t kRoundWeightMax = 65536;
// Tasks for each that may run at once, so that none waits long for the last.
constexpr std::size_t kTasksPerWorker = 8;
// More does little: what was given up is made again.
constexpr std::uint64_t kUsefulMemory = std::uint64_t{32} << 20;

}  // namespace

PackReception::PackReception(PackStaging& staging, ObjectSource* thin_bases,
                             PackReceiver::Options options)
    : staging_(staging),
      thin_bases_(thin_bases),
      options_(std::move(options)),
      runner_(options_.runner != nullptr ? *options_.runner : sequential_),
      received_(options_.limits),
      scanner_(received_) {}

void PackReception::report(ReceiveProgress::Phase phase, std::uint64_t done, std::uint64_t total) {
    if (options_.progress) options_.progress({phase, done, total, scanner_.size()});
}

Expected<void> PackReception::write(ByteView bytes) {
    if (failure_) return Unexpected(*failure_);
    auto taken = take(bytes);
    if (!taken) failure_ = taken.error();
    report(ReceiveProgress::Phase::receiving, scanner_.scanned_count(), scanner_.object_count());
    return taken;
}

Expected<void> PackReception::take(ByteView bytes) {
    if (scanner_.size() + bytes.size() > options_.limits.pack_bytes_max) {
        return fail(
            ErrorCode::limit_exceeded,
            "a pack of more than " + std::to_string(options_.limits.pack_bytes_max) + " bytes");
    }
    ByteView stored;
    ASHLAR_CHECK(scanner_.write(bytes, stored));
    return stored.empty() ? Expected<void>() : staging_.append(stored);
}

Expected<ReceivedPack> PackReception::finish() {
    if (failure_) return Unexpected(*failure_);
    auto received = complete_pack();
    // Whatever came of it, there is nothing more to do here.
    failure_ =
        received ? Error{ErrorCode::invalid, "the pack was finished before"} : received.error();
    return received;
}

Expected<ReceivedPack> PackReception::complete_pack() {
    if (!scanner_.complete()) {
        return fail(ErrorCode::invalid, "the pack ends early, after " +
                                            std::to_string(scanner_.scanned_count()) + " of " +
                                            std::to_string(scanner_.object_count()) + " objects");
    }
    pack_end_ = scanner_.size();
    delta_count_ = static_cast<std::uint32_t>(
        std::count_if(received_.entries.begin(), received_.entries.end(),
                      [](const ReceivedEntry& entry) { return is_delta(entry.kind); }));
    DeltaForest forest(received_.entries, std::move(received_.reference_deltas), pack_end_);
    ASHLAR_CHECK(resolve_all(forest));
    ReceivedPack received;
    ASHLAR_TRY(received.checksum, write_trailer());
    received.pack_size = staging_.size();
    received.object_count = static_cast<std::uint32_t>(received_.entries.size());
    received.appended_count = appended_count_;
    received.inflated_bytes = received_.inflated_bytes;
    for (const ReceivedEntry& entry : received_.entries) {
        ++received.counts[static_cast<std::size_t>(entry.type)];
    }
    ASHLAR_TRY(received.index, build_index(forest, received.checksum));
    received_.entries = {};
    ASHLAR_TRY(received.boundary, find_boundary(received));
    ASHLAR_CHECK(check_special_blobs(received));
    received.warnings = std::move(received_.findings.warnings);
    received.warning_count = received_.findings.warning_count;
    return received;
}

Expected<void> PackReception::resolve_all(const DeltaForest& forest) {
    if (delta_count_ == 0) return {};
    // A base, what is being made of it, what was made before and is copied, and the delta.
    delta_need_ = std::min(3 * received_.largest_in_family + received_.largest_delta,
                           options_.limits.delta_memory_max);
    const std::uint64_t most =
        options_.memory == nullptr ? options_.limits.delta_memory_max : kUsefulMemory;
    const MemoryShare share(options_.memory, delta_need_,
                            std::min(most, options_.limits.delta_memory_max));
    delta_memory_ = share.bytes();
    ASHLAR_CHECK(resolve_deltas(forest));
    return complete_thin_pack(forest);
}

Expected<void> PackReception::resolve_deltas(const DeltaForest& forest) {
    std::vector<std::uint32_t> roots;
    std::uint32_t weight = 0;
    auto count = static_cast<std::uint32_t>(received_.entries.size());
    for (std::uint32_t number = 0; number < count; ++number) {
        const ReceivedEntry& entry = received_.entries[number];
        // Roots are what came whole; a delta that a round resolved was followed already.
        if (is_delta(entry.kind) || !forest.has_children(number, entry.id)) continue;
        roots.push_back(number);
        weight += forest.weight(number) + 1;
        if (weight < kRoundWeightMax) continue;
        ASHLAR_CHECK(resolve_round(forest, roots));
        roots.clear();
        weight = 0;
    }
    return roots.empty() ? Expected<void>() : resolve_round(forest, roots);
}

namespace {

// Cuts the roots into runs of about one weight, at most `count_max`.
std::vector<std::span<const std::uint32_t>> cut_into_tasks(const DeltaForest& forest,
                                                           std::span<const std::uint32_t> roots,
                                                           std::size_t count_max) {
    std::uint64_t sum = 0;
    for (std::uint32_t root : roots) sum += forest.weight(root) + 1;
    std::uint64_t task_weight = sum / count_max + 1;
    std::vector<std::span<const std::uint32_t>> tasks;
    std::uint64_t weight = 0;
    std::size_t start = 0;
    for (std::size_t i = 0; i < roots.size(); ++i) {
        weight += forest.weight(roots[i]) + 1;
        if (weight < task_weight && i + 1 < roots.size()) continue;
        tasks.push_back(roots.subspan(start, i + 1 - start));
        start = i + 1;
        weight = 0;
    }
    return tasks;
}

}  // namespace

Expected<void> PackReception::resolve_round(const DeltaForest& forest,
                                            const std::vector<std::uint32_t>& roots) {
    struct Outcome {
        explicit Outcome(std::size_t count_max) : findings(count_max) {}
        ObjectFindings findings;
        std::vector<ResolvedDelta> resolved;
        std::uint64_t work = 0;
        Expected<void> result;
    };
    std::uint64_t memory_max = delta_memory_ / runner_.width();
    // One after the other, too, where a part of the memory could be too little.
    if (runner_.width() == 1 || memory_max < delta_need_) {
        std::vector<ResolvedDelta> resolved;
        ASHLAR_CHECK(
            resolve_roots(forest, roots, delta_memory_, received_.findings, resolved, work_bytes_));
        return take_resolved(resolved);
    }
    auto tasks = cut_into_tasks(forest, roots, runner_.width() * kTasksPerWorker);
    std::size_t reference_count_max =
        std::size_t{options_.limits.object_count_max} + options_.limits.boundary_count_max;
    std::vector<Outcome> outcomes;
    for (std::size_t i = 0; i < tasks.size(); ++i) outcomes.emplace_back(reference_count_max);
    runner_.run(tasks.size(), [&](std::size_t i) {
        Outcome& outcome = outcomes[i];
        outcome.work = work_bytes_;
        outcome.result = resolve_roots(forest, tasks[i], memory_max, outcome.findings,
                                       outcome.resolved, outcome.work);
    });
    std::uint64_t work_before = work_bytes_;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        Outcome& outcome = outcomes[i];
        if (!outcome.result && outcome.result.error().code == ErrorCode::limit_exceeded) {
            // One share of the memory was too little, perhaps: this task gets all of it, alone.
            outcome = Outcome(reference_count_max);
            outcome.work = work_before;
            outcome.result = resolve_roots(forest, tasks[i], delta_memory_, outcome.findings,
                                           outcome.resolved, outcome.work);
        }
        ASHLAR_CHECK(outcome.result);
        work_bytes_ += outcome.work - work_before;
        ASHLAR_CHECK(received_.findings.merge(std::move(outcome.findings)));
        ASHLAR_CHECK(take_resolved(outcome.resolved));
    }
    return {};
}

// Touches nothing that another task may touch.
Expected<void> PackReception::resolve_roots(const DeltaForest& forest,
                                            std::span<const std::uint32_t> roots,
                                            std::uint64_t memory_max, ObjectFindings& findings,
                                            std::vector<ResolvedDelta>& resolved,
                                            std::uint64_t& work) const {
    DeltaFamilyResolver::Limits limits;
    limits.object_size_max = options_.limits.held_object_size_max;
    limits.memory_max = memory_max;
    limits.work_bytes_max =
        options_.limits.delta_work_bytes_max - std::min(work, options_.limits.delta_work_bytes_max);
    limits.depth_max = options_.limits.delta_depth_max;
    DeltaFamilyResolver resolver(forest, staging_, limits, findings);
    for (std::uint32_t root : roots) ASHLAR_CHECK(resolver.resolve(root, resolved));
    work += resolver.work_bytes();
    return {};
}

Expected<void> PackReception::take_resolved(const std::vector<ResolvedDelta>& resolved) {
    for (const ResolvedDelta& delta : resolved) {
        ReceivedEntry& entry = received_.entries[delta.entry];
        // Only where the base itself is there twice can two families claim one delta.
        if (entry.resolved) {
            return fail(ErrorCode::invalid,
                        "the pack holds the base of " + entry.id.hex() + " twice");
        }
        entry.id = delta.id;
        entry.base = delta.base;
        entry.type = delta.type;
        entry.resolved = true;
    }
    resolved_count_ += static_cast<std::uint32_t>(resolved.size());
    report(ReceiveProgress::Phase::resolving, resolved_count_, delta_count_);
    return {};
}

}  // namespace ashlar::git
