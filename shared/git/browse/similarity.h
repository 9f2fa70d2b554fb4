// How alike two files are, as git measures it for renames (diffcore-delta.c): the share of the
// larger file's bytes that stand, line by line in any order, in the other one too.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace ashlar::git::browse {

// Of a file; a file with more different lines is compared with none.
inline constexpr std::size_t kSimilarityLinesMax = 16'384;

class LineHashes {
  public:
    // Nothing where the file is empty or has too many lines.
    static std::optional<LineHashes> of(ByteView content);
    // Percent.
    int similarity_to(const LineHashes& other) const;

  private:
    // The hash of a line, and the bytes of all lines that have it; by hash.
    std::vector<std::pair<std::uint64_t, std::uint64_t>> lines_;
    std::uint64_t size_ = 0;
};

}  // namespace ashlar::git::browse
