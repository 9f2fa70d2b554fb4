#include "pages/markdown.h"

#include <gtest/gtest.h>

namespace ashlar::pages {
namespace {

std::string render(std::string_view source) {
    MarkdownLibrary library;
    LinkRewriter rewriter;
    rewriter.link = [](std::string_view target) { return "/link/" + std::string(target); };
    rewriter.image = [](std::string_view target) { return "/image/" + std::string(target); };
    return render_markdown(library, source, rewriter).html;
}

bool has(const std::string& html, std::string_view part) {
    return html.find(part) != std::string::npos;
}

TEST(Markdown, renders_what_github_renders) {
    EXPECT_EQ(render("# A title\n"), "<h1 id=\"user-content-a-title\">A title</h1>\n");
    EXPECT_TRUE(has(render("|a|b|\n|:-|-:|\n|1|2|\n"), "<td class=\"align-right\">2</td>"));
    EXPECT_TRUE(has(render("- [x] a\n- [ ] b\n"), "disabled checked"));
    EXPECT_TRUE(has(render("~~a~~"), "<del>a</del>"));
    EXPECT_TRUE(has(render("see https://a.example"), "href=\"https://a.example\""));
    EXPECT_TRUE(has(render("a[^1]\n\n[^1]: b\n"), "href=\"#user-content-fn"));
}

TEST(Markdown, rewrites_relative_links_and_images) {
    EXPECT_TRUE(has(render("[a](docs/a.md)"), "<a href=\"/link/docs/a.md\">a</a>"));
    EXPECT_TRUE(has(render("![a](a.png)"), "<img src=\"/image/a.png\" alt=\"a\""));
}

TEST(Markdown, lets_no_script_through) {
    EXPECT_FALSE(has(render("<script>alert(1)</script>"), "alert"));
    EXPECT_FALSE(has(render("[a](javascript:alert(1))"), "href"));
    EXPECT_FALSE(has(render("[a](data:text/html;base64,x)"), "href"));
    EXPECT_FALSE(has(render("<javascript:alert(1)>"), "href"));
    EXPECT_FALSE(has(render("a <b onmouseover=alert(1)>x</b>"), "onmouseover"));
    EXPECT_FALSE(has(render("![a\" onerror=\"x](a.png)"), " onerror=\""));
    EXPECT_FALSE(has(render("```<script>\nx\n```"), "<script"));
}

TEST(Markdown, cannot_close_the_element_around_it) {
    EXPECT_EQ(render("</div></article>\n\nx\n"), "\n<p>x</p>\n");
    EXPECT_EQ(render("<div>\n\nx\n"), "<div>\n<p>x</p>\n</div>");
}

TEST(Markdown, shows_hidden_characters) {
    EXPECT_TRUE(has(render("a\u202eb"), "a\\u{202e}b"));
    EXPECT_TRUE(has(render("\xef\xbb\xbf# a"), "<h1"));
    EXPECT_TRUE(has(render("a\xff"), "a\\xff"));
}

TEST(Markdown, cuts_what_is_too_long_at_a_line) {
    MarkdownLibrary library;
    std::string source;
    while (source.size() <= kMarkdownBytesMax) source.append("a line of text\n\n");
    MarkdownResult result = render_markdown(library, source, {});
    EXPECT_TRUE(result.cut);
    EXPECT_TRUE(has(result.html, "<p>a line of text</p>\n"));
    EXPECT_FALSE(render_markdown(library, "short", {}).cut);
}

// Inputs that took cmark time or stack that grows with the square of their length.
TEST(Markdown, ends_soon_on_inputs_made_to_be_slow) {
    auto repeated = [](std::string_view part, std::size_t bytes) {
        std::string text;
        while (text.size() < bytes) text.append(part);
        return text;
    };
    const std::size_t size = kMarkdownBytesMax - 16;
    for (std::string_view part :
         {"![[]()", "[a](<b", "*a_ ",     ">",    "_",   "[",          "`a",   "<a ",   "<!-",
          "- ",     "> - ",   "[^1]:\n",  "[^a]", "|a",  "|x|\n|-|\n", "a@b.", "www._", "http://",
          "~~a",    "&#",     "[a]: b\n", "**a",  "1. ", "\t- a\n",    "]("}) {
        render(repeated(part, size));
    }
    std::string wide = repeated("|x", 40'000) + "|\n" + repeated("|-", 40'000) + "|\n";
    render(wide + repeated("a\n", size - wide.size()));
    render(repeated(">", size / 2) + "\n" + repeated("a\n", size / 2));
    render(repeated("[", size / 2) + repeated("]", size / 2));
    std::string nested;
    for (std::size_t depth = 0; nested.size() < size; ++depth) {
        nested.append(std::string(depth * 2, ' ')).append("* a\n");
    }
    render(nested);
}

}  // namespace
}  // namespace ashlar::pages
