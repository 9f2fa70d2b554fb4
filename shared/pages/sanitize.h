// HTML of others, made harmless: what comes out has only elements and attributes of an allow-list,
// every element closed in order, every attribute quoted and escaped, ids behind a prefix, and
// addresses of known schemes. Whatever else was there is dropped (scripts, styles, comments) or
// shown as the text that it is. Nothing that comes out can close an element around it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace ashlar::pages {

// Elements open inside each other; deeper ones are dropped and their content kept.
inline constexpr std::size_t kHtmlDepthMax = 64;
// Before ids and fragments, so that no document takes a name that a page uses.
inline constexpr std::string_view kUserIdPrefix = "user-content-";

struct LinkRewriter {
    // Gives the address for a relative link or image ("docs/a.md", "../logo.png", "/x"); with an
    // empty answer, the link or image is dropped. Absolute addresses and "#x" are not asked about.
    std::function<std::string(std::string_view target)> link;
    std::function<std::string(std::string_view target)> image;
};

// Addresses in text ("https://a.example/x") become links. Headings without an id get one from their
// text, as GitHub makes them ("Getting started" is "user-content-getting-started"). Images of other
// sites become links to them: looking at a page tells nobody else that it was looked at.
std::string sanitize_html(std::string_view html, const LinkRewriter& rewriter);

}  // namespace ashlar::pages
