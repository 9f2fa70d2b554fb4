#include "api/page/code_html.h"

#include <algorithm>

#include "pages/text.h"

namespace ashlar::api::page {

namespace {

// Appends the line, cut where it is too long; whether it was.
bool append_line(std::string& html, std::string_view line) {
    bool cut = line.size() > kCodeLineBytesMax;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    std::string_view shown = cut ? pages::cut_text(line, kCodeLineBytesMax) : line;
    pages::append_escaped_html(html, pages::visible_name(shown));
    if (cut) {
        html.append("<em> \u2026 ");
        html.append(pages::human_count(line.size() - shown.size()));
        html.append(" more bytes in this line</em>");
    }
    return cut;
}

void append_number(std::string& html, std::uint32_t number) {
    html.append("<td>");
    if (number != 0) html.append(std::to_string(number));
}

std::string_view row_start(git::browse::LineKind kind) {
    switch (kind) {
        case git::browse::LineKind::added:
            return "<tr class=a>";
        case git::browse::LineKind::deleted:
            return "<tr class=d>";
        case git::browse::LineKind::context:
            return "<tr>";
    }
    return "<tr>";
}

std::string_view sign_of(git::browse::LineKind kind) {
    switch (kind) {
        case git::browse::LineKind::added:
            return "+";
        case git::browse::LineKind::deleted:
            return "-";
        case git::browse::LineKind::context:
            return " ";
    }
    return " ";
}

}  // namespace

CodeHtml code_html(std::string_view content) {
    CodeHtml result;
    std::string& html = result.html.text;
    while (!content.empty()) {
        std::string_view line = content.substr(0, content.find('\n'));
        content.remove_prefix(std::min(content.size(), line.size() + 1));
        ++result.line_count;
        if (result.line_count > kCodeLinesMax) {
            result.lines_cut = true;
            continue;
        }
        std::string number = std::to_string(result.line_count);
        html.append("<span id=L").append(number).append("><a href=#L").append(number).append(">");
        html.append(number).append("</a>");
        if (append_line(html, line)) result.wide_cut = true;
        html.append("\n</span>");
    }
    return result;
}

pages::Html diff_html(const git::browse::FileDiff& file) {
    pages::Html result;
    std::string& html = result.text;
    for (const git::browse::DiffHunk& hunk : file.hunks) {
        html.append("<tr class=h><td colspan=3>");
        append_line(html, hunk.header);
        for (const git::browse::DiffLine& line : hunk.lines) {
            html.append(row_start(line.kind));
            append_number(html, line.old_number);
            append_number(html, line.new_number);
            html.append("<td>").append(sign_of(line.kind));
            append_line(html, line.text);
            if (line.without_newline) html.append("<i> (no line feed at the end)</i>");
        }
    }
    return result;
}

std::string_view number_width(std::size_t line_count) {
    return line_count >= 10'000 ? "w5" : "w4";
}

}  // namespace ashlar::api::page
