// What one push may cost. Everything is checked before it is allocated or done, and every refusal
// names its limit. All are settings; these are the defaults.
#pragma once

#include <cstdint>

namespace ashlar::git {

struct PackLimits {
    // Bytes of the pack as it is stored.
    std::uint64_t pack_bytes_max = std::uint64_t{16} << 30;
    std::uint32_t object_count_max = 1'500'000;
    // Of one object. Large blobs stream through and are never held.
    std::uint64_t object_size_max = std::uint64_t{4} << 30;
    // Of what has to be held whole: commits, trees, tags, the bases and results of deltas.
    std::uint64_t held_object_size_max = std::uint64_t{112} << 20;
    // Bytes that the resolving of deltas may hold at once: bases, deltas and results.
    std::uint64_t delta_memory_max = std::uint64_t{232} << 20;
    // Sum of the sizes of all objects.
    std::uint64_t inflated_bytes_max = std::uint64_t{64} << 30;
    // Sum of what is inflated and applied while deltas are resolved, bases that had to be made
    // again counted each time.
    std::uint64_t delta_work_bytes_max = std::uint64_t{128} << 30;
    // Deltas on top of each other; git itself writes no more than 4095.
    std::uint16_t delta_depth_max = 4095;
    // Different ids that the pack's objects name and the pack does not hold.
    std::uint32_t boundary_count_max = 500'000;
};

}  // namespace ashlar::git
