#include "git/pack/delta.h"

#include "base/memory_size.h"

#include <cstring>

namespace ashlar::git {
namespace {

constexpr std::size_t kCopySizeOfZero = 0x10000;

bool take_size(ByteView delta, std::size_t& at, std::uint64_t& size) {
    size = 0;
    for (unsigned shift = 0; at < delta.size(); shift += 7) {
        Byte byte = delta[at++];
        std::uint64_t part = byte & 0x7f;
        if (shift > 63 || (shift == 63 && part > 1)) return false;
        size |= part << shift;
        if ((byte & 0x80) == 0) return true;
    }
    return false;
}

struct Copy {
    std::size_t offset = 0;
    std::size_t size = 0;
};

// The low bits of the command say which bytes of offset and size follow. False: cut short.
bool take_copy(Byte command, const Byte*& at, const Byte* end, Copy& copy) {
    for (unsigned i = 0; i < 4; ++i) {
        if ((command & (1U << i)) == 0) continue;
        if (at == end) return false;
        copy.offset |= std::size_t{*at++} << (8 * i);
    }
    for (unsigned i = 0; i < 3; ++i) {
        if ((command & (0x10U << i)) == 0) continue;
        if (at == end) return false;
        copy.size |= std::size_t{*at++} << (8 * i);
    }
    if (copy.size == 0) copy.size = kCopySizeOfZero;
    return true;
}

Unexpected broken(const char* what) {
    return fail(ErrorCode::invalid, std::string("a delta ") + what);
}

}  // namespace

Expected<DeltaHeader> parse_delta_header(ByteView delta) {
    DeltaHeader header;
    std::size_t at = 0;
    if (!take_size(delta, at, header.base_size) || !take_size(delta, at, header.result_size)) {
        return broken("without its sizes");
    }
    header.length = at;
    return header;
}

Expected<void> apply_delta(ByteView base, ByteView delta, std::span<Byte> result) {
    ASHLAR_TRY(DeltaHeader header, parse_delta_header(delta));
    if (header.base_size != base.size()) return broken("for a base of another size");
    if (header.result_size != result.size()) return broken("with a result of another size");
    const Byte* at = delta.data() + header.length;
    const Byte* end = delta.data() + delta.size();
    Byte* to = result.data();
    std::size_t room = result.size();
    while (at != end) {
        Byte command = *at++;
        Copy copy;
        const Byte* from = nullptr;
        if ((command & 0x80) != 0) {
            if (!take_copy(command, at, end, copy)) return broken("that ends within a command");
            if (copy.offset > base.size() || copy.size > base.size() - copy.offset) {
                return broken("that copies from beyond its base");
            }
            from = base.data() + copy.offset;
        } else {
            if (command == 0) return broken("with the reserved command 0");
            copy.size = command;
            if (copy.size > static_cast<std::size_t>(end - at)) {
                return broken("that ends within its literal bytes");
            }
            from = at;
            at += copy.size;
        }
        if (copy.size > room) return broken("that gives more bytes than it says");
        std::memcpy(to, from, copy.size);
        to += copy.size;
        room -= copy.size;
    }
    if (room != 0) return broken("that gives fewer bytes than it says");
    return {};
}

Expected<Bytes> apply_delta(ByteView base, ByteView delta, std::uint64_t result_size_max) {
    ASHLAR_TRY(DeltaHeader header, parse_delta_header(delta));
    if (header.result_size > result_size_max) {
        return fail(ErrorCode::limit_exceeded,
                    "a delta makes an object of " + std::to_string(header.result_size) +
                        " bytes, more than " + std::to_string(result_size_max));
    }
    // Checked before the allocation too: a delta that does not fit its base costs nothing.
    if (header.base_size != base.size()) return broken("for a base of another size");
    ASHLAR_TRY(std::size_t result_size, memory_size(header.result_size));
    Bytes result(result_size);
    ASHLAR_CHECK(apply_delta(base, delta, std::span<Byte>(result)));
    return result;
}

}  // namespace ashlar::git
