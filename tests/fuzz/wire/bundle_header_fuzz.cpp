// The header of a bundle, and what follows it. What is taken and written again is taken again, as
// the same, and what follows is untouched.
#include <algorithm>
#include <cstdlib>

#include "git/wire/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace ashlar;
    ByteView rest(data, size);
    const auto header = git::parse_bundle_header(rest);
    if (!header) return 0;
    const Bytes again = git::encode_bundle_header(*header);
    ByteView none(again);
    const auto reparsed = git::parse_bundle_header(none);
    if (!reparsed || !none.empty()) std::abort();
    if (reparsed->refs != header->refs || reparsed->prerequisites != header->prerequisites) {
        std::abort();
    }
    if (rest.size() > size || rest.data() + rest.size() != data + size) std::abort();
    return 0;
}
