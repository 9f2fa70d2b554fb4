#include "codec/canonical.h"

#include <algorithm>
#include <cstring>

namespace ashlar::codec {

Bytes bytes_of(kj::ArrayPtr<const capnp::word> words) {
    const auto bytes = words.asBytes();
    return {bytes.begin(), bytes.end()};
}

Expected<kj::Array<capnp::word>> to_words(ByteView bytes) {
    if (bytes.empty()) return fail(ErrorCode::invalid, "is empty");
    if (bytes.size() % sizeof(capnp::word) != 0) {
        return fail(ErrorCode::invalid, "is not made of whole words");
    }
    auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
    std::memcpy(words.begin(), bytes.data(), bytes.size());
    return words;
}

capnp::ReaderOptions reader_options(std::size_t word_count) {
    // Decoding reads everything once, some pointers twice; pointers that all lead to one large
    // object cost more than that, and fail.
    capnp::ReaderOptions options;
    options.traversalLimitInWords = 2 * std::uint64_t{word_count} + 64;
    options.nestingLimit = kNestingMax;
    return options;
}

}  // namespace ashlar::codec
