// Which lines differ between two texts, by xdiff, which git itself compares with; each difference
// with three lines of what is around it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::git::browse {

enum class LineKind : std::uint8_t { context, added, deleted };

struct ComparedLine {
    LineKind kind = LineKind::context;
    std::uint32_t old_number = 0;  // 0: not on that side
    std::uint32_t new_number = 0;
    std::string_view text;         // without its line feed
    bool without_newline = false;  // the file ends here, without a line feed
};

class LineDiffSink {
  public:
    virtual ~LineDiffSink() = default;
    virtual void begin_hunk(std::string header) = 0;  // "@@ -1,4 +1,5 @@ void f()"
    virtual void add_line(const ComparedLine& line) = 0;
};

// Both texts must be shorter than 1 GiB. Fails with `unavailable` without memory.
Expected<void> compare_lines(ByteView before, ByteView after, LineDiffSink& sink);

}  // namespace ashlar::git::browse
