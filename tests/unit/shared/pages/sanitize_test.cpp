#include "pages/sanitize.h"

#include <gtest/gtest.h>

#include "pages/html_tag.h"

namespace ashlar::pages {
namespace {

std::string sanitize(std::string_view html) {
    LinkRewriter rewriter;
    rewriter.link = [](std::string_view target) { return "/link/" + std::string(target); };
    rewriter.image = [](std::string_view target) { return "/image/" + std::string(target); };
    return sanitize_html(html, rewriter);
}

TEST(Sanitizer, keeps_plain_documents) {
    EXPECT_EQ(sanitize("<p>a <strong>b</strong> &amp; c<br /></p>"),
              "<p>a <strong>b</strong> &amp; c<br></p>");
}

TEST(Sanitizer, drops_scripts_styles_and_comments_with_their_content) {
    EXPECT_EQ(sanitize("a<script>alert(1)</script>b"), "ab");
    EXPECT_EQ(sanitize("a<SCRIPT src=x>alert('</b>')</scRipt >b"), "ab");
    EXPECT_EQ(sanitize("a<style>p{}</style>b<!-- <script> -->c<!doctype html>d"), "abcd");
    EXPECT_EQ(sanitize("a<script>never closed <p>"), "a");
    EXPECT_EQ(sanitize("a<!-- never closed <p>"), "a");
}

TEST(Sanitizer, drops_other_elements_and_keeps_their_text) {
    EXPECT_EQ(sanitize("<iframe src=x>in</iframe><form><button>go</button></form>"), "ingo");
    EXPECT_EQ(sanitize("<svg onload=alert(1)><circle/></svg>"), "");
    EXPECT_EQ(sanitize("<textarea></p>"), "");
}

TEST(Sanitizer, drops_attributes_that_are_not_known) {
    EXPECT_EQ(sanitize("<p onclick=alert(1) style=\"x\" class=topbar>a</p>"), "<p>a</p>");
    EXPECT_EQ(sanitize("<img src=a.png onerror=alert(1) alt='<x>'>"),
              "<img src=\"/image/a.png\" alt=\"&lt;x&gt;\" loading=\"lazy\">");
}

TEST(Sanitizer, refuses_addresses_that_run_or_leave_by_stealth) {
    for (std::string_view address :
         {"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)",
          "java\nscript:alert(1)", "java&#10;script:alert(1)", "&#106;avascript:alert(1)",
          "javascript&colon;alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd",
          "//evil.example", "/\\evil.example", "\\\\evil.example", ""}) {
        std::string html = "<a href=\"" + std::string(address) + "\">x</a>";
        EXPECT_EQ(sanitize(html), "<a>x</a>") << address;
        html = "<img src=\"" + std::string(address) + "\" alt=x>";
        EXPECT_EQ(sanitize(html), "x") << address;
    }
}

TEST(Sanitizer, rewrites_relative_addresses_and_keeps_those_of_other_sites) {
    EXPECT_EQ(sanitize("<a href='docs/a.md#x'>x</a>"), "<a href=\"/link/docs/a.md#x\">x</a>");
    EXPECT_EQ(sanitize("<a href='https://a.example/?a=1&amp;b'>x</a>"),
              "<a rel=\"nofollow noopener\" href=\"https://a.example/?a=1&amp;b\">x</a>");
    EXPECT_EQ(sanitize("<a href='#part'>x</a>"), "<a href=\"#user-content-part\">x</a>");
    EXPECT_EQ(sanitize("<a href='mailto:a@b'>x</a>"), "<a href=\"mailto:a@b\">x</a>");
}

TEST(Sanitizer, turns_images_of_other_sites_into_links) {
    EXPECT_EQ(sanitize("<img src=https://a.example/i.png alt=badge>"),
              "<a rel=\"nofollow noopener\" href=\"https://a.example/i.png\">badge</a>");
    EXPECT_EQ(sanitize("<a href=x><img src=https://a.example/i.png alt=badge></a>"),
              "<a href=\"/link/x\">badge</a>");
}

TEST(Sanitizer, closes_what_is_open_and_ignores_what_is_not) {
    EXPECT_EQ(sanitize("<div><p>a"), "<div><p>a</p></div>");
    EXPECT_EQ(sanitize("</div></main></body>a"), "a");
    EXPECT_EQ(sanitize("<b><i>x</b>y</i>"), "<b><i>x</i></b>y");
    EXPECT_EQ(sanitize("<a href=x>1<a href=y>2</a>"),
              "<a href=\"/link/x\">1</a><a href=\"/link/y\">2</a>");
}

TEST(Sanitizer, shows_broken_tags_as_text) {
    EXPECT_EQ(sanitize("1 < 2 <3 <a href=\"x"), "1 &lt; 2 &lt;3 &lt;a href=\"x");
    EXPECT_EQ(sanitize("&lt;script&gt; &bogus &#x; &"), "&lt;script&gt; &amp;bogus &#x; &amp;");
}

TEST(Sanitizer, gives_headings_ids_that_repeat_with_numbers) {
    EXPECT_EQ(sanitize("<h2>Getting <em>Started</em>!</h2><h2>Getting started</h2>"),
              "<h2 id=\"user-content-getting-started\">Getting <em>Started</em>!</h2>"
              "<h2 id=\"user-content-getting-started-1\">Getting started</h2>");
    EXPECT_EQ(sanitize("<h1 id='top'>x</h1>"), "<h1 id=\"user-content-top\">x</h1>");
    EXPECT_EQ(sanitize("<h1>a&quot; onclick=&quot;b</h1>"),
              "<h1 id=\"user-content-a-onclickb\">a&quot; onclick=&quot;b</h1>");
}

TEST(Sanitizer, gives_headings_within_headings_ids_at_the_right_places) {
    EXPECT_EQ(sanitize("<h1>a<h2>b</h2>c</h1>"),
              "<h1 id=\"user-content-abc\">a<h2 id=\"user-content-b\">b</h2>c</h1>");
}

TEST(Sanitizer, bounds_the_depth_of_elements) {
    std::string html;
    for (int i = 0; i < 100'000; ++i) html.append("<div>");
    std::string clean = sanitize(html);
    EXPECT_EQ(clean.size(), kHtmlDepthMax * std::string_view("<div></div>").size());
}

TEST(Sanitizer, links_addresses_in_text) {
    EXPECT_EQ(sanitize("<p>see https://a.example/x?a=1&amp;b=2, or (http://b.example).</p>"),
              "<p>see <a rel=\"nofollow noopener\" "
              "href=\"https://a.example/x?a=1&amp;b=2\">https://a.example/x?a=1&amp;b=2</a>, or "
              "(<a rel=\"nofollow noopener\" href=\"http://b.example\">http://b.example</a>).</p>");
    EXPECT_EQ(sanitize("<code>http://a.example</code> xhttp://a http:// https"),
              "<code>http://a.example</code> xhttp://a http:// https");
    EXPECT_EQ(sanitize("http://a.example&quot;onclick"),
              "<a rel=\"nofollow noopener\" href=\"http://a.example\">http://a.example</a>"
              "&quot;onclick");
}

TEST(Sanitizer, lets_the_keyboard_reach_code_that_scrolls) {
    EXPECT_EQ(sanitize("<pre><code>x</code></pre>"), "<pre tabindex=\"0\"><code>x</code></pre>");
}

TEST(Sanitizer, makes_check_boxes_that_cannot_be_used) {
    EXPECT_EQ(sanitize("<input type=checkbox checked onclick=x><input type=text>"),
              "<input type=\"checkbox\" disabled checked aria-label=\"done\">");
}

TEST(Sanitizer, is_idempotent_on_hostile_fragments) {
    for (std::string_view html :
         {"<p title='</p><script>'>x", "<<script>b>x</b>", "<a href='a\"b'>x",
          "<img alt='-->' src=a>", "<table><td><table></td></table>x", "<h1><a>x</h1></a>",
          "<!--><p>x", "<p/onclick=1>x"}) {
        LinkRewriter same;
        same.link = same.image = [](std::string_view target) { return std::string(target); };
        std::string once = sanitize_html(html, same);
        EXPECT_EQ(sanitize_html(once, same), once) << html;
    }
}

TEST(HtmlTag, reads_quoted_bare_and_empty_attributes) {
    auto tag = parse_html_tag("<A HREF='x y' b=c d/>rest");
    ASSERT_TRUE(tag);
    EXPECT_EQ(tag->name, "a");
    EXPECT_EQ(tag->length, 21U);
    ASSERT_NE(tag->attribute("href"), nullptr);
    EXPECT_EQ(*tag->attribute("href"), "x y");
    EXPECT_EQ(*tag->attribute("b"), "c");
    EXPECT_EQ(*tag->attribute("d"), "");
}

TEST(HtmlTag, is_none_where_it_is_longer_than_the_limit) {
    std::string tag = "<a title='" + std::string(kHtmlTagBytesMax, 'x') + "'>";
    EXPECT_FALSE(parse_html_tag(tag));
}

}  // namespace
}  // namespace ashlar::pages
