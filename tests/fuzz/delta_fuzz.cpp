// A delta upon a base: two bytes say how long the base is, which comes next.
#include <algorithm>
#include <cstdlib>

#include "git/pack/delta.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ashlar;
    if (size < 2) return 0;
    ByteView input(data, size);
    std::size_t base_size = std::min<std::size_t>(input[0] + input[1] * std::size_t{256}, size - 2);
    ByteView base = input.subspan(2, base_size);
    ByteView delta = input.subspan(2 + base_size);
    constexpr std::uint64_t kResultMax = 1 << 20;
    auto result = git::apply_delta(base, delta, kResultMax);
    if (!result) return 0;
    auto header = git::parse_delta_header(delta);
    if (!header || header->result_size != result->size() || header->base_size != base.size()) {
        std::abort();
    }
    return 0;
}
