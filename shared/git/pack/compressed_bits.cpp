#include "git/pack/compressed_bits.h"

#include <algorithm>

#include "git/pack/little_endian.h"

namespace ashlar::git {
namespace {

constexpr std::uint64_t kZeros = 0;
constexpr std::uint64_t kOnes = ~std::uint64_t{0};
constexpr unsigned kRunShift = 1;
constexpr unsigned kLiteralShift = 33;
constexpr std::uint64_t kRunMax = 0xffffffff;
constexpr std::uint64_t kLiteralMax = 0x7fffffff;
constexpr std::size_t kWordSize = 8;

Unexpected corrupt(const char* what) {
    return fail(ErrorCode::corrupt, std::string("stored bits ") + what);
}

}  // namespace

Bytes compress_bits(const Bits& bits) {
    const std::span<const std::uint64_t> words = bits.words();
    Bytes stored;
    std::size_t at = 0;
    while (at < words.size()) {
        const std::uint64_t value = words[at] == kOnes ? kOnes : kZeros;
        const std::size_t run_start = at;
        while (at < words.size() && words[at] == value && at - run_start < kRunMax) ++at;
        const std::size_t literal_start = at;
        while (at < words.size() && words[at] != kZeros && words[at] != kOnes &&
               at - literal_start < kLiteralMax) {
            ++at;
        }
        const std::uint64_t run = literal_start - run_start;
        const std::uint64_t literals = at - literal_start;
        append_little_endian(stored,
                             (value & 1) | (run << kRunShift) | (literals << kLiteralShift));
        for (std::size_t i = literal_start; i < at; ++i) append_little_endian(stored, words[i]);
    }
    return stored;
}

Expected<void> add_compressed_bits(ByteView stored, Bits& to) {
    const std::span<std::uint64_t> words = to.words();
    if (stored.size() % kWordSize != 0) return corrupt("end within a word");
    std::size_t at = 0;
    while (!stored.empty()) {
        const auto marker = read_little_endian<std::uint64_t>(stored);
        stored = stored.subspan(kWordSize);
        const std::uint64_t run = (marker >> kRunShift) & kRunMax;
        const std::uint64_t literals = marker >> kLiteralShift;
        if (run > words.size() - at || literals > words.size() - at - run ||
            literals > stored.size() / kWordSize) {
            return corrupt("are longer than their set");
        }
        if ((marker & 1) != 0) {
            std::fill_n(words.begin() + static_cast<std::ptrdiff_t>(at), run, kOnes);
        }
        at += static_cast<std::size_t>(run);
        for (std::uint64_t i = 0; i < literals; ++i) {
            words[at++] |= read_little_endian<std::uint64_t>(stored);
            stored = stored.subspan(kWordSize);
        }
    }
    if (at != words.size()) return corrupt("are shorter than their set");
    const std::uint32_t used = to.size() % Bits::kWordBits;
    if (used != 0 && (words.back() >> used) != 0) return corrupt("name what is not in their set");
    return {};
}

}  // namespace ashlar::git
