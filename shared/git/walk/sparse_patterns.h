// The patterns of a sparse checkout (gitignore, "Pattern Format"), which a sparse:oid filter reads
// from a blob: a path is kept where the last pattern that matches it does not begin with '!'.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::git {

inline constexpr std::uint64_t kSparsePatternsSizeMax = std::uint64_t{1} << 20;
inline constexpr std::size_t kSparsePatternsMax = 1000;

enum class PathKind : std::uint8_t { file, folder };

class SparsePatterns {
  public:
    // Lines that are empty or begin with '#' are passed over.
    static Expected<SparsePatterns> parse(ByteView content);

    // What the last matching pattern says; nothing where none matches (then what the folder above
    // got goes).
    std::optional<bool> match(std::string_view path, PathKind kind) const;

  private:
    struct Pattern {
        std::string text;
        bool negated = false;
        bool folders_only = false;
        bool literal = true;    // holds no wildcard
        bool anchored = false;  // matched against the whole path rather than the last name
    };
    std::vector<Pattern> patterns_;
};

// fnmatch with FNM_PATHNAME and "**" as gitignore has it. Takes at most |pattern| * |text| steps.
bool wildcard_match(std::string_view pattern, std::string_view text);

}  // namespace ashlar::git
