// Which packs of a repository are worth merging into one.
#pragma once

#include <cstdint>
#include <vector>

namespace ashlar::node {

struct MergeLimits {
    // A repository of this many packs or fewer is left alone.
    std::size_t packs_max = 20;
    // What one merge may write.
    std::uint64_t bytes_max = std::uint64_t{1} << 30;
    std::uint64_t objects_max = 500'000;
};

struct MergeCandidate {
    std::uint64_t sequence = 0;  // of the pack in its repository
    std::uint64_t object_count = 0;
    std::uint64_t size = 0;  // bytes
};

// The sequences of the packs to merge, ascending; none where it is not worth it. Afterwards each
// pack holds at least twice the objects of all smaller ones together (a geometric progression), so
// an object is written again a logarithmic number of times only.
std::vector<std::uint64_t> plan_merge(std::vector<MergeCandidate> packs, const MergeLimits& limits);

}  // namespace ashlar::node
