#include "git/object/header_lines.h"

namespace ashlar::git {
namespace {

int digit_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

std::optional<std::string_view> take_header_line(std::string_view& text, std::string_view key) {
    if (text.size() <= key.size() || text.substr(0, key.size()) != key || text[key.size()] != ' ') {
        return std::nullopt;
    }
    std::size_t end = text.find('\n', key.size());
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view value = text.substr(key.size() + 1, end - key.size() - 1);
    text.remove_prefix(end + 1);
    return value;
}

// Runs for each parent and tree of each commit: no allocation.
std::optional<ObjectId> parse_hex_id(std::string_view text) {
    if (text.size() != ObjectId::kSize * 2) return std::nullopt;
    ObjectId id;
    for (std::size_t i = 0; i < ObjectId::kSize; ++i) {
        int high = digit_value(text[i * 2]);
        int low = digit_value(text[i * 2 + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        id.bytes[i] = static_cast<Byte>((high << 4) | low);
    }
    return id;
}

}  // namespace ashlar::git
