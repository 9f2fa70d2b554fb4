// Markdown (CommonMark with GitHub's tables, task lists, strikethrough, autolinks and footnotes) to
// HTML that is safe to put into a page: the whole of it, raw HTML included, goes through
// sanitize_html().
#pragma once

#include <string>
#include <string_view>

#include "pages/sanitize.h"

namespace ashlar::pages {

// cmark keeps its extensions in a registry that is global: registered on construction. The host
// makes one at start, before any other thread could use cmark, and hands it down.
class MarkdownLibrary {
  public:
    MarkdownLibrary();
    MarkdownLibrary(const MarkdownLibrary&) = delete;
    MarkdownLibrary& operator=(const MarkdownLibrary&) = delete;
};

// Longer input is cut there, at the end of a line.
inline constexpr std::size_t kMarkdownBytesMax = std::size_t{256} << 10;
// With more images than this the source is shown as it is; with more table columns or cells (the
// widest row for every line) tables are shown as text.
inline constexpr std::size_t kMarkdownImagesMax = 2000;
inline constexpr std::size_t kMarkdownColumnsMax = 500;
inline constexpr std::size_t kMarkdownCellsMax = 100'000;

struct MarkdownResult {
    std::string html;
    bool cut = false;          // the input was longer than kMarkdownBytesMax
    bool too_complex = false;  // shown as plain text
};

MarkdownResult render_markdown(const MarkdownLibrary& library, std::string_view source,
                               const LinkRewriter& rewriter);

}  // namespace ashlar::pages
