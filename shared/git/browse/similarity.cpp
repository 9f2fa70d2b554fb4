#include "git/browse/similarity.h"

#include <algorithm>

namespace ashlar::git::browse {

namespace {

// Longer lines count as several, so that a change within one leaves the rest alike.
constexpr std::size_t kLineSizeMax = 64;
// FNV-1a. Lines that meet in one hash only seem more alike than they are.
constexpr std::uint64_t kHashStart = 0xcbf29ce484222325;
constexpr std::uint64_t kHashFactor = 0x100000001b3;

}  // namespace

std::optional<LineHashes> LineHashes::of(ByteView content) {
    LineHashes hashes;
    std::uint64_t hash = kHashStart;
    std::size_t size = 0;
    for (std::size_t i = 0; i < content.size(); ++i) {
        const auto byte = static_cast<std::uint8_t>(content[i]);
        hash = (hash ^ byte) * kHashFactor;
        ++size;
        if (byte != '\n' && size < kLineSizeMax && i + 1 < content.size()) continue;
        hashes.lines_.emplace_back(hash, size);
        hash = kHashStart;
        size = 0;
    }
    auto& lines = hashes.lines_;
    // Equal hashes come together; what is equal in both is alike.
    std::sort(lines.begin(), lines.end(), [](const auto& left, const auto& right) {
        return left.first != right.first ? left.first < right.first : left.second < right.second;
    });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (kept > 0 && lines[kept - 1].first == lines[i].first) {
            lines[kept - 1].second += lines[i].second;
        } else {
            lines[kept++] = lines[i];
        }
    }
    if (kept == 0 || kept > kSimilarityLinesMax) return std::nullopt;
    lines.resize(kept);
    hashes.size_ = content.size();
    return hashes;
}

int LineHashes::similarity_to(const LineHashes& other) const {
    std::uint64_t common = 0;
    auto mine = lines_.begin();
    auto its = other.lines_.begin();
    while (mine != lines_.end() && its != other.lines_.end()) {
        if (mine->first == its->first) {
            common += std::min(mine->second, its->second);
            ++mine;
            ++its;
        } else if (mine->first < its->first) {
            ++mine;
        } else {
            ++its;
        }
    }
    return static_cast<int>(common * 100 / std::max(size_, other.size_));
}

}  // namespace ashlar::git::browse
