#include "pages/markdown.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include "pages/text.h"

namespace ashlar::pages {

namespace {

// Not "autolink": in this version it takes time that grows with the square of what it is given, so
// the sanitizer finds addresses in text.
constexpr std::array<std::string_view, 3> kExtensions{"table", "strikethrough", "tasklist"};
// "Unsafe" keeps raw HTML, for the sanitizer to judge.
constexpr int kOptions = CMARK_OPT_UNSAFE | CMARK_OPT_FOOTNOTES | CMARK_OPT_VALIDATE_UTF8;

struct FreeParser {
    void operator()(cmark_parser* parser) const { cmark_parser_free(parser); }
};
struct FreeNode {
    void operator()(cmark_node* node) const { cmark_node_free(node); }
};
struct FreeText {
    void operator()(char* text) const { std::free(text); }
};

// cmark fills each row of a table up to its widest: a few lines can ask for gigabytes of cells.
bool tables_fit(std::string_view source) {
    std::size_t lines = 0;
    std::size_t columns_max = 0;
    while (!source.empty()) {
        std::string_view line = source.substr(0, source.find('\n'));
        source.remove_prefix(std::min(source.size(), line.size() + 1));
        ++lines;
        if (line.find_first_not_of("-:| \t>*+.0123456789") != std::string_view::npos) continue;
        auto pipes = static_cast<std::size_t>(std::count(line.begin(), line.end(), '|'));
        columns_max = std::max(columns_max, pipes + 1);
    }
    return columns_max <= kMarkdownColumnsMax && columns_max * lines <= kMarkdownCellsMax;
}

// Each "![" may be looked at again for each that follows.
bool is_too_complex(std::string_view source) {
    std::size_t images = 0;
    for (std::size_t at = source.find("!["); at != std::string_view::npos;
         at = source.find("![", at + 1)) {
        ++images;
    }
    return images > kMarkdownImagesMax;
}

std::string to_html(std::string_view source) {
    std::unique_ptr<cmark_parser, FreeParser> parser(cmark_parser_new(kOptions));
    const bool with_tables = tables_fit(source);
    for (std::string_view name : kExtensions) {
        if (name == "table" && !with_tables) continue;
        cmark_parser_attach_syntax_extension(parser.get(),
                                             cmark_find_syntax_extension(name.data()));
    }
    cmark_parser_feed(parser.get(), source.data(), source.size());
    std::unique_ptr<cmark_node, FreeNode> document(cmark_parser_finish(parser.get()));
    std::unique_ptr<char, FreeText> html(cmark_render_html(
        document.get(), kOptions, cmark_parser_get_syntax_extensions(parser.get())));
    return html.get();
}

}  // namespace

MarkdownLibrary::MarkdownLibrary() {
    cmark_gfm_core_extensions_ensure_registered();
}

MarkdownResult render_markdown(const MarkdownLibrary&, std::string_view source,
                               const LinkRewriter& rewriter) {
    static constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (source.substr(0, kByteOrderMark.size()) == kByteOrderMark) source.remove_prefix(3);
    MarkdownResult result;
    if (source.size() > kMarkdownBytesMax) {
        source = source.substr(0, kMarkdownBytesMax);
        source = source.substr(0, source.rfind('\n'));
        result.cut = true;
    }
    std::string text = visible_text(source, LineBreaks::keep);
    if (is_too_complex(text)) {
        result.too_complex = true;
        result.html = "<pre>" + escape_html(text) + "</pre>";
        return result;
    }
    result.html = sanitize_html(to_html(text), rewriter);
    return result;
}

}  // namespace ashlar::pages
