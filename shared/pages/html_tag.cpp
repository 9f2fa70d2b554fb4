#include "pages/html_tag.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace ashlar::pages {

namespace {

constexpr std::string_view kSpaces = " \t\n\r\f";

bool is_letter(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

char lower(char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a')
                                                : character;
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char character) { return lower(character); });
    return result;
}

class TagReader {
  public:
    explicit TagReader(std::string_view html) : html_(html) {}

    std::optional<HtmlTag> run() {
        HtmlTag tag;
        if (peek() != '<') return std::nullopt;
        ++at_;
        if (peek() == '/') {
            tag.closing = true;
            ++at_;
        }
        if (!is_letter(peek())) return std::nullopt;
        tag.name = lower(take_until(" \t\n\r\f/>"));
        while (at_ < html_.size()) {
            skip_spaces();
            if (peek() == '>') {
                tag.length = at_ + 1;
                return tag;
            }
            if (peek() == '/') {
                ++at_;
                continue;
            }
            if (at_ < html_.size() && !read_attribute(tag)) return std::nullopt;
        }
        return std::nullopt;
    }

  private:
    char peek() const { return at_ < html_.size() ? html_[at_] : '\0'; }

    void skip_spaces() {
        while (at_ < html_.size() && kSpaces.find(html_[at_]) != std::string_view::npos) ++at_;
    }

    std::string_view take_until(std::string_view stops) {
        std::size_t end = std::min(html_.find_first_of(stops, at_), html_.size());
        std::string_view taken = html_.substr(at_, end - at_);
        at_ = end;
        return taken;
    }

    bool read_attribute(HtmlTag& tag) {
        std::string name = lower(take_until(" \t\n\r\f/>="));
        if (name.empty()) return false;
        skip_spaces();
        std::string value;
        if (peek() == '=') {
            ++at_;
            skip_spaces();
            if (!read_value(value)) return false;
        }
        bool is_new = tag.attribute(name) == nullptr;
        if (is_new && tag.attributes.size() < kHtmlAttributesMax) {
            tag.attributes.emplace_back(std::move(name), std::move(value));
        }
        return true;
    }

    bool read_value(std::string& value) {
        char quote = peek();
        if (quote != '"' && quote != '\'') {
            value = resolve_entities(take_until(" \t\n\r\f>"));
            return true;
        }
        ++at_;
        value = resolve_entities(take_until(std::string_view(&quote, 1)));
        if (peek() != quote) return false;
        ++at_;
        return true;
    }

    std::string_view html_;
    std::size_t at_ = 0;
};

void append_utf8(std::string& to, std::uint32_t value) {
    if (value < 0x80) {
        to.push_back(static_cast<char>(value));
    } else if (value < 0x800) {
        to.push_back(static_cast<char>(0xc0 | (value >> 6)));
        to.push_back(static_cast<char>(0x80 | (value & 0x3f)));
    } else if (value < 0x10000) {
        to.push_back(static_cast<char>(0xe0 | (value >> 12)));
        to.push_back(static_cast<char>(0x80 | ((value >> 6) & 0x3f)));
        to.push_back(static_cast<char>(0x80 | (value & 0x3f)));
    } else {
        to.push_back(static_cast<char>(0xf0 | (value >> 18)));
        to.push_back(static_cast<char>(0x80 | ((value >> 12) & 0x3f)));
        to.push_back(static_cast<char>(0x80 | ((value >> 6) & 0x3f)));
        to.push_back(static_cast<char>(0x80 | (value & 0x3f)));
    }
}

int digit_value(char digit, int base) {
    int value = 99;
    if (digit >= '0' && digit <= '9') value = digit - '0';
    if (is_letter(digit)) value = lower(digit) - 'a' + 10;
    return value < base ? value : -1;
}

// "#106" or "#x6a" to its code point; nothing where it is none.
std::optional<std::uint32_t> numeric_reference(std::string_view name) {
    if (name.size() < 2 || name[0] != '#') return std::nullopt;
    int base = lower(name[1]) == 'x' ? 16 : 10;
    name.remove_prefix(base == 16 ? 2 : 1);
    if (name.empty() || name.size() > 8) return std::nullopt;
    std::uint32_t value = 0;
    for (char digit : name) {
        int digit_number = digit_value(digit, base);
        if (digit_number < 0) return std::nullopt;
        value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit_number);
        if (value > 0x10ffff) return std::nullopt;
    }
    if (value == 0 || (value >= 0xd800 && value <= 0xdfff)) return std::nullopt;
    return value;
}

std::optional<std::uint32_t> reference_value(std::string_view name) {
    static constexpr std::array<std::pair<std::string_view, std::uint32_t>, 8> kNamed{
        {{"amp", '&'},
         {"lt", '<'},
         {"gt", '>'},
         {"quot", '"'},
         {"apos", '\''},
         {"colon", ':'},
         {"Tab", '\t'},
         {"NewLine", '\n'}}};
    for (const auto& [known, value] : kNamed) {
        if (known == name) return value;
    }
    return numeric_reference(name);
}

}  // namespace

const std::string* HtmlTag::attribute(std::string_view attribute_name) const {
    for (const auto& [known, value] : attributes) {
        if (known == attribute_name) return &value;
    }
    return nullptr;
}

std::optional<HtmlTag> parse_html_tag(std::string_view html) {
    return TagReader(html.substr(0, kHtmlTagBytesMax)).run();
}

std::string resolve_entities(std::string_view text) {
    static constexpr std::size_t kReferenceLengthMax = 12;
    std::string resolved;
    while (!text.empty()) {
        std::size_t ampersand = std::min(text.find('&'), text.size());
        resolved.append(text.substr(0, ampersand));
        text.remove_prefix(ampersand);
        if (text.empty()) break;
        std::size_t semicolon = text.substr(0, kReferenceLengthMax).find(';');
        std::optional<std::uint32_t> value;
        if (semicolon != std::string_view::npos) {
            value = reference_value(text.substr(1, semicolon - 1));
        }
        if (value) {
            append_utf8(resolved, *value);
            text.remove_prefix(semicolon + 1);
        } else {
            resolved.push_back('&');
            text.remove_prefix(1);
        }
    }
    return resolved;
}

}  // namespace ashlar::pages
