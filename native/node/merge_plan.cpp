#include "native/node/merge_plan.h"

#include <algorithm>
#include <tuple>

namespace ashlar::node {
namespace {

constexpr std::uint64_t kGeometricFactor = 2;

// How many of the smallest packs have to become one for the rest to be a geometric progression.
std::size_t count_to_merge(const std::vector<MergeCandidate>& packs) {
    std::size_t split = packs.size();
    while (split > 1 &&
           packs[split - 1].object_count >= kGeometricFactor * packs[split - 2].object_count) {
        --split;
    }
    if (split <= 1) return 0;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < split; ++i) sum += packs[i].object_count;
    while (split < packs.size() && packs[split].object_count < kGeometricFactor * sum) {
        sum += packs[split++].object_count;
    }
    return split;
}

}  // namespace

std::vector<std::uint64_t> plan_merge(std::vector<MergeCandidate> packs,
                                      const MergeLimits& limits) {
    if (packs.size() <= limits.packs_max) return {};
    std::sort(packs.begin(), packs.end(), [](const auto& left, const auto& right) {
        return std::tie(left.object_count, left.sequence) <
               std::tie(right.object_count, right.sequence);
    });
    packs.resize(count_to_merge(packs));
    std::vector<std::uint64_t> chosen;
    std::uint64_t objects = 0;
    std::uint64_t bytes = 0;
    for (const MergeCandidate& pack : packs) {
        objects += pack.object_count;
        bytes += pack.size;
        if (objects > limits.objects_max || bytes > limits.bytes_max) break;
        chosen.push_back(pack.sequence);
    }
    if (chosen.size() < 2) return {};
    std::sort(chosen.begin(), chosen.end());
    return chosen;
}

}  // namespace ashlar::node
