// Lines of code and of diffs as HTML. Built here, not by a template: a page may have many
// thousands of them.
#pragma once

#include <cstddef>
#include <string_view>

#include "git/browse/diff.h"
#include "pages/value.h"

namespace ashlar::api::page {

inline constexpr std::size_t kCodeLinesMax = 20'000;
inline constexpr std::size_t kCodeLineBytesMax = 2'000;

struct CodeHtml {
    pages::Html html;
    std::size_t line_count = 0;  // of the whole content
    bool lines_cut = false;      // more than kCodeLinesMax
    bool wide_cut = false;       // some line was longer than kCodeLineBytesMax
};

// <span id=L1><a href=#L1>1</a>...</span> for each line.
CodeHtml code_html(std::string_view content);

// The rows of a table: old number, new number, text.
pages::Html diff_html(const git::browse::FileDiff& file);

// The class that gives line numbers room: "w5" for 5 digits and more.
std::string_view number_width(std::size_t line_count);

}  // namespace ashlar::api::page
