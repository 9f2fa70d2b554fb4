// One tag of HTML, as written by anybody, cut into its parts (WHATWG HTML, "Tokenization", as far
// as a sanitizer needs it: what is odd is simply no tag, and then shown as text).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ashlar::pages {

inline constexpr std::size_t kHtmlAttributesMax = 32;
// What is longer is no tag: it bounds how often one byte is looked at.
inline constexpr std::size_t kHtmlTagBytesMax = 2048;

struct HtmlTag {
    bool closing = false;
    std::string name;  // lower case
    // Lower-case names, values with their entities resolved as far as addresses need it.
    std::vector<std::pair<std::string, std::string>> attributes;
    std::size_t length = 0;  // bytes from '<' to '>', both counted

    const std::string* attribute(std::string_view attribute_name) const;
};

// The tag that `html` begins with; nothing where it is none.
std::optional<HtmlTag> parse_html_tag(std::string_view html);

// &amp; &lt; &gt; &quot; &apos; and numeric references, resolved; others stay as they are.
std::string resolve_entities(std::string_view text);

}  // namespace ashlar::pages
