// Markdown (CommonMark with GitHub's tables, task lists, strikethrough, autolinks and footnotes) to
// HTML that is safe to put into a page: raw HTML is kept only as far as an allow-list of elements
// without attributes goes, links and images only with the schemes http, https and mailto, and
// headings get ids with the prefix "user-content-".
#pragma once

#include <functional>
#include <string>
#include <string_view>

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

struct MarkdownOptions {
    // Gives the address for a relative link or image ("docs/a.md", "../logo.png", "/x"); an empty
    // answer removes the link. Absolute addresses and "#fragment" are not asked about.
    std::function<std::string(std::string_view target)> rewrite_link;
    std::function<std::string(std::string_view target)> rewrite_image;
};

struct MarkdownResult {
    std::string html;
    bool cut = false;  // the input was longer than kMarkdownBytesMax
};

MarkdownResult render_markdown(const MarkdownLibrary& library, std::string_view source,
                               const MarkdownOptions& options);

}  // namespace ashlar::pages
