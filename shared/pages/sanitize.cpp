#include "pages/sanitize.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <vector>

#include "pages/html_tag.h"
#include "pages/text.h"

namespace ashlar::pages {

namespace {

constexpr std::array<std::string_view, 52> kElements{
    "a",       "b",       "blockquote", "br",    "caption", "code",       "dd",     "del",
    "details", "div",     "dl",         "dt",    "em",      "figcaption", "figure", "h1",
    "h2",      "h3",      "h4",         "h5",    "h6",      "hr",         "i",      "img",
    "input",   "ins",     "kbd",        "li",    "mark",    "ol",         "p",      "picture",
    "pre",     "q",       "s",          "samp",  "section", "small",      "span",   "strong",
    "sub",     "summary", "sup",        "table", "tbody",   "td",         "tfoot",  "th",
    "thead",   "tr",      "ul",         "var"};
constexpr std::array<std::string_view, 4> kVoid{"br", "hr", "img", "input"};
// Dropped with everything up to their end: their content is no text for people.
constexpr std::array<std::string_view, 2> kWithContent{"script", "style"};

template <std::size_t size>
bool is_one_of(const std::array<std::string_view, size>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_heading(std::string_view name) {
    return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
}

// Browsers skip these inside a scheme ("java\nscript:").
std::string without_controls(std::string_view address) {
    std::string result;
    for (char character : address) {
        auto byte = static_cast<unsigned char>(character);
        if (byte > 0x20 && byte != 0x7f) result.push_back(character);
    }
    return result;
}

enum class AddressKind { relative, fragment, web, mail, refused };

AddressKind kind_of(std::string_view address) {
    if (address.empty()) return AddressKind::refused;
    if (address[0] == '#') return AddressKind::fragment;
    // "//host", which browsers take for another site, also with backslashes.
    std::size_t slashes = std::min(address.find_first_not_of("/\\"), address.size());
    if (slashes >= 2) return AddressKind::refused;
    std::size_t colon = address.find_first_of(":/?#\\");
    if (colon == std::string_view::npos || address[colon] != ':') return AddressKind::relative;
    std::string scheme(address.substr(0, colon));
    for (char& letter : scheme) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    if (scheme == "http" || scheme == "https") return AddressKind::web;
    return scheme == "mailto" ? AddressKind::mail : AddressKind::refused;
}

bool is_plain_number(std::string_view value) {
    return !value.empty() && value.size() <= 5 &&
           value.find_first_not_of("0123456789") == std::string_view::npos;
}

// GitHub's way: lower case, spaces as '-', punctuation dropped; other letters stay.
std::string slug_of(std::string_view text) {
    std::string slug;
    for (char character : cut_text(text, 100)) {
        auto byte = static_cast<unsigned char>(character);
        if (character >= 'A' && character <= 'Z') {
            slug.push_back(static_cast<char>(character - 'A' + 'a'));
        } else if ((character >= 'a' && character <= 'z') ||
                   (character >= '0' && character <= '9') || character == '-' || character == '_' ||
                   byte >= 0x80) {
            slug.push_back(character);
        } else if (character == ' ' || character == '\t' || character == '\n') {
            slug.push_back('-');
        }
    }
    return slug;
}

class Sanitizer {
  public:
    Sanitizer(std::string_view html, const LinkRewriter& rewriter)
        : rest_(html), rewriter_(rewriter) {
        out_.reserve(html.size() + html.size() / 8);
    }

    std::string run() {
        while (!rest_.empty()) {
            std::size_t open = std::min(rest_.find('<'), rest_.size());
            add_text(rest_.substr(0, open));
            rest_.remove_prefix(open);
            if (!rest_.empty()) take_markup();
        }
        close_down_to(0);
        return std::move(out_);
    }

  private:
    struct OpenElement {
        std::string name;
        std::size_t id_at = 0;  // headings without an id: where one belongs in out_
        std::string heading_text;
        bool is_link = false;  // an <a> with an address
    };

    void add_text(std::string_view text) {
        for (OpenElement& element : open_) {
            if (element.id_at != 0 && element.heading_text.size() < 200) {
                element.heading_text.append(resolve_entities(text));
            }
        }
        if (!may_link()) return add_plain(text);
        while (!text.empty()) {
            std::size_t start = find_address(text);
            add_plain(text.substr(0, start));
            text.remove_prefix(start);
            std::size_t length = address_length(text);
            add_address(text.substr(0, length));
            text.remove_prefix(length);
        }
    }

    bool may_link() const {
        return std::none_of(open_.begin(), open_.end(), [](const OpenElement& element) {
            return element.name == "a" || element.name == "pre" || element.name == "code";
        });
    }

    // Where an address begins at a word's start; the text's size where none does.
    static std::size_t find_address(std::string_view text) {
        for (std::size_t at = text.find("http"); at != std::string_view::npos;
             at = text.find("http", at + 4)) {
            bool starts_word = at == 0 || std::string_view(" \t\n(*_~>\"'").find(text[at - 1]) !=
                                              std::string_view::npos;
            std::string_view rest = text.substr(at);
            bool is_web = rest.substr(0, 7) == "http://" || rest.substr(0, 8) == "https://";
            if (starts_word && is_web && address_length(rest) > 8) return at;
        }
        return text.size();
    }

    // Up to a space or '<', without the punctuation that ends a sentence.
    static std::size_t address_length(std::string_view text) {
        std::size_t end = std::min(text.substr(0, kHtmlTagBytesMax).find_first_of(" \t\n\r<>\"'`*"),
                                   std::min(text.size(), kHtmlTagBytesMax));
        std::size_t quote = text.substr(0, end).find("&quot;");
        end = std::min(
            {end, quote, text.substr(0, end).find("&lt;"), text.substr(0, end).find("&gt;")});
        while (end > 0 &&
               std::string_view(".,;:!?_~)").find(text[end - 1]) != std::string_view::npos) {
            bool closes_own =
                text[end - 1] == ')' && text.substr(0, end).find('(') != std::string_view::npos;
            if (closes_own) break;
            --end;
        }
        return end;
    }

    void add_address(std::string_view text) {
        if (text.empty()) return;
        out_.append("<a rel=\"nofollow noopener\"");
        add_attribute("href", without_controls(resolve_entities(text)));
        out_.push_back('>');
        add_plain(text);
        out_.append("</a>");
    }

    void add_plain(std::string_view text) {
        while (!text.empty()) {
            std::size_t end = std::min(text.find_first_of("<>&"), text.size());
            out_.append(text.substr(0, end));
            text.remove_prefix(end);
            if (text.empty()) break;
            if (text[0] == '&' && begins_with_reference(text)) {
                out_.push_back('&');
            } else {
                append_escaped_html(out_, text.substr(0, 1));
            }
            text.remove_prefix(1);
        }
    }

    static bool begins_with_reference(std::string_view text) {
        std::size_t end = text.find_first_not_of(
            "#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 1);
        return end != std::string_view::npos && end > 1 && end < 34 && text[end] == ';';
    }

    void take_markup() {
        if (rest_.substr(0, 4) == "<!--") {
            std::size_t end = rest_.find("-->", 4);
            rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 3);
            return;
        }
        if (rest_.size() > 1 && (rest_[1] == '!' || rest_[1] == '?')) {
            std::size_t end = rest_.find('>');
            rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
            return;
        }
        std::optional<HtmlTag> tag = parse_html_tag(rest_);
        if (!tag) {
            add_text(rest_.substr(0, 1));
            rest_.remove_prefix(1);
            return;
        }
        rest_.remove_prefix(tag->length);
        if (is_one_of(kWithContent, tag->name)) {
            if (!tag->closing) skip_content(tag->name);
        } else if (is_one_of(kElements, tag->name)) {
            if (tag->closing) {
                close(tag->name);
            } else {
                open(*tag);
            }
        }
    }

    void skip_content(std::string_view name) {
        while (!rest_.empty()) {
            std::size_t end = rest_.find("</");
            rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end);
            if (rest_.empty()) return;
            std::optional<HtmlTag> tag = parse_html_tag(rest_);
            bool is_end = tag && tag->closing && tag->name == name;
            rest_.remove_prefix(is_end ? tag->length : 2);
            if (is_end) return;
        }
    }

    void open(const HtmlTag& tag) {
        if (tag.name == "img") {
            add_image(tag);
        } else if (tag.name == "input") {
            add_checkbox(tag);
        } else if (is_one_of(kVoid, tag.name)) {
            out_.append("<").append(tag.name).append(">");
        } else if (open_.size() < kHtmlDepthMax) {
            // A link in a link would end the first, and with it our count of what is open.
            if (tag.name == "a") close("a");
            open_element(tag);
        }
    }

    void open_element(const HtmlTag& tag) {
        OpenElement element{tag.name, 0, {}, false};
        out_.append("<").append(tag.name);
        const std::string* id = tag.attribute("id");
        if (id != nullptr && !id->empty()) {
            add_attribute("id", with_prefix(*id));
        } else if (is_heading(tag.name)) {
            element.id_at = out_.size();
        }
        if (tag.name == "a") element.is_link = add_link(tag);
        // What scrolls sideways must be reachable by keyboard.
        if (tag.name == "pre") out_.append(" tabindex=\"0\"");
        add_layout(tag);
        out_.push_back('>');
        open_.push_back(std::move(element));
    }

    void add_attribute(std::string_view name, std::string_view value) {
        out_.append(" ").append(name).append("=\"");
        append_escaped_html(out_, value);
        out_.push_back('"');
    }

    static std::string with_prefix(std::string_view id) {
        if (id.substr(0, kUserIdPrefix.size()) == kUserIdPrefix) return std::string(id);
        return std::string(kUserIdPrefix).append(id);
    }

    bool add_link(const HtmlTag& tag) {
        const std::string* href = tag.attribute("href");
        if (href == nullptr) return false;
        std::string address = without_controls(*href);
        switch (kind_of(address)) {
            case AddressKind::refused:
                return false;
            case AddressKind::fragment:
                address = "#" + with_prefix(std::string_view(address).substr(1));
                break;
            case AddressKind::relative:
                address = rewriter_.link ? rewriter_.link(address) : std::string();
                if (address.empty()) return false;
                break;
            case AddressKind::web:
                add_attribute("rel", "nofollow noopener");
                break;
            case AddressKind::mail:
                break;
        }
        add_attribute("href", address);
        return true;
    }

    // The classes that Markdown itself makes, and that our stylesheet knows.
    static bool is_known_class(std::string_view value) {
        static constexpr std::array<std::string_view, 3> kClasses{"footnotes", "footnote-ref",
                                                                  "footnote-backref"};
        return is_one_of(kClasses, value);
    }

    void add_layout(const HtmlTag& tag) {
        for (const auto& [name, value] : tag.attributes) {
            if (name == "class" && is_known_class(value)) {
                add_attribute("class", value);
            } else if (name == "align" &&
                       (value == "left" || value == "center" || value == "right")) {
                add_attribute("class", "align-" + value);
            } else if ((name == "colspan" || name == "rowspan" || name == "start") &&
                       is_plain_number(value)) {
                add_attribute(name, value);
            } else if (name == "open" && tag.name == "details") {
                out_.append(" open");
            }
        }
    }

    void add_image(const HtmlTag& tag) {
        const std::string* source = tag.attribute("src");
        const std::string* alt = tag.attribute("alt");
        std::string address = source == nullptr ? std::string() : without_controls(*source);
        std::string text = alt == nullptr ? std::string() : *alt;
        AddressKind kind = kind_of(address);
        if (kind == AddressKind::web) return add_image_link(address, text);
        if (kind == AddressKind::relative && rewriter_.image) {
            address = rewriter_.image(address);
        } else {
            address.clear();
        }
        if (address.empty()) return add_text(escape_html(text));
        out_.append("<img");
        add_attribute("src", address);
        add_attribute("alt", text);
        for (std::string_view name : {std::string_view("width"), std::string_view("height")}) {
            const std::string* value = tag.attribute(name);
            if (value != nullptr && is_plain_number(*value)) add_attribute(name, *value);
        }
        const std::string* align = tag.attribute("align");
        if (align != nullptr && (*align == "left" || *align == "right")) {
            add_attribute("class", "align-" + *align);
        }
        out_.append(" loading=\"lazy\">");
    }

    void add_image_link(std::string_view address, std::string_view text) {
        std::string shown = escape_html(text.empty() ? std::string_view("image") : text);
        bool in_link = std::any_of(open_.begin(), open_.end(),
                                   [](const OpenElement& element) { return element.name == "a"; });
        if (in_link) return add_text(shown);
        out_.append("<a rel=\"nofollow noopener\"");
        add_attribute("href", address);
        out_.append(">");
        add_text(shown);
        out_.append("</a>");
    }

    void add_checkbox(const HtmlTag& tag) {
        const std::string* type = tag.attribute("type");
        if (type == nullptr || *type != "checkbox") return;
        bool checked = tag.attribute("checked") != nullptr;
        out_.append("<input type=\"checkbox\" disabled");
        out_.append(checked ? " checked aria-label=\"done\">" : " aria-label=\"to do\">");
    }

    void close(std::string_view name) {
        for (std::size_t i = open_.size(); i > 0; --i) {
            if (open_[i - 1].name == name) return close_down_to(i - 1);
            // A stray </td> inside a nested table must not close the outer one's cell.
            if (open_[i - 1].name == "table" && name != "table") return;
        }
    }

    void close_down_to(std::size_t count) {
        while (open_.size() > count) {
            OpenElement element = std::move(open_.back());
            open_.pop_back();
            out_.append("</").append(element.name).append(">");
            if (element.id_at != 0) add_heading_id(element);
        }
    }

    void add_heading_id(const OpenElement& heading) {
        std::string slug = slug_of(heading.heading_text);
        if (slug.empty()) return;
        unsigned& used = slugs_[slug];
        if (used++ > 0) slug.append("-").append(std::to_string(used - 1));
        std::string attribute = " id=\"";
        append_escaped_html(attribute, with_prefix(slug));
        attribute.push_back('"');
        out_.insert(heading.id_at, attribute);
        for (OpenElement& element : open_) {
            if (element.id_at > heading.id_at) element.id_at += attribute.size();
        }
    }

    std::string_view rest_;
    const LinkRewriter& rewriter_;
    std::string out_;
    std::vector<OpenElement> open_;
    std::map<std::string, unsigned, std::less<>> slugs_;
};

}  // namespace

std::string sanitize_html(std::string_view html, const LinkRewriter& rewriter) {
    return Sanitizer(html, rewriter).run();
}

}  // namespace ashlar::pages
