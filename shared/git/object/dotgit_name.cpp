#include "git/object/dotgit_name.h"

#include <cstdint>
#include <optional>

namespace ashlar::git {
namespace {

struct FileNames {
    std::string_view name;          // without the leading dot
    std::string_view short_prefix;  // of the fall-back short name that NTFS makes (8.3 with a hash)
};

FileNames names_of(DotgitFile file) {
    switch (file) {
        case DotgitFile::gitmodules:
            return {"gitmodules", "gi7eba"};
        case DotgitFile::gitattributes:
            return {"gitattributes", "gi7d29"};
        case DotgitFile::gitignore:
            return {"gitignore", "gi250a"};
        case DotgitFile::mailmap:
            return {"mailmap", "maba30"};
    }
    return {};
}

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool starts_with_folded(std::string_view text, std::string_view lower_prefix) {
    if (text.size() < lower_prefix.size()) return false;
    for (std::size_t i = 0; i < lower_prefix.size(); ++i) {
        if (lower(text[i]) != lower_prefix[i]) return false;
    }
    return true;
}

// Takes one code point off the text; nothing where it is no UTF-8.
std::optional<std::uint32_t> take_code_point(std::string_view& text) {
    auto byte = [&text](std::size_t i) -> std::uint32_t {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
    };
    std::uint32_t first = byte(0);
    std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || text.size() < length) {
        return std::nullopt;
    }
    std::uint32_t point = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return std::nullopt;
        point = (point << 6) | (byte(i) & 0x3f);
    }
    text.remove_prefix(length);
    return point;
}

bool is_ignored_by_hfs(std::uint32_t point) {
    return (point >= 0x200c && point <= 0x200f) || (point >= 0x202a && point <= 0x202e) ||
           (point >= 0x206a && point <= 0x206f) || point == 0xfeff;
}

// The next code point that HFS+ looks at; 0 at the end and for what is no UTF-8.
std::uint32_t next_hfs_point(std::string_view& text) {
    while (!text.empty()) {
        std::optional<std::uint32_t> point = take_code_point(text);
        if (!point) return 0;
        if (!is_ignored_by_hfs(*point)) return *point;
    }
    return 0;
}

bool is_hfs_dot_name(std::string_view name, std::string_view lower_rest) {
    if (next_hfs_point(name) != '.') return false;
    for (char expected : lower_rest) {
        std::uint32_t point = next_hfs_point(name);
        if (point > 127 || lower(static_cast<char>(point)) != expected) return false;
    }
    std::uint32_t after = next_hfs_point(name);
    return after == 0 || after == '/';
}

// What NTFS drops from the end of a name, or takes for the name of a stream.
bool is_ntfs_rest(std::string_view rest, bool separators_end_it) {
    for (char letter : rest) {
        if (letter == ':') return true;
        if (separators_end_it && (letter == '\\' || letter == '/')) return true;
        if (letter != ' ' && letter != '.') return false;
    }
    return true;
}

// "gi7eba~1", "gi7eb~12", "gi7e~123" and so on: eight characters, a prefix and a number.
bool is_fallback_short_name(std::string_view name, std::string_view prefix) {
    if (name.size() < 8) return false;
    std::size_t tilde = 0;
    while (tilde < prefix.size() && lower(name[tilde]) == prefix[tilde]) ++tilde;
    if (name[tilde] != '~' || name[tilde + 1] < '1' || name[tilde + 1] > '9') return false;
    for (std::size_t i = tilde + 2; i < 8; ++i) {
        if (name[i] < '0' || name[i] > '9') return false;
    }
    return true;
}

}  // namespace

bool is_ntfs_dotgit_name(std::string_view name) {
    if (starts_with_folded(name, ".git")) return is_ntfs_rest(name.substr(4), true);
    return starts_with_folded(name, "git~1") && is_ntfs_rest(name.substr(5), true);
}

bool is_dotgit_name(std::string_view name) {
    return is_ntfs_dotgit_name(name) || is_hfs_dot_name(name, "git");
}

bool is_ntfs_dotgit_file_name(std::string_view name, DotgitFile file) {
    FileNames names = names_of(file);
    if (!name.empty() && name[0] == '.' && starts_with_folded(name.substr(1), names.name)) {
        return is_ntfs_rest(name.substr(1 + names.name.size()), false);
    }
    if (starts_with_folded(name, names.name.substr(0, 6)) && name.size() >= 8 && name[6] == '~' &&
        name[7] >= '1' && name[7] <= '4') {
        return is_ntfs_rest(name.substr(8), false);
    }
    return is_fallback_short_name(name, names.short_prefix) && is_ntfs_rest(name.substr(8), false);
}

bool is_dotgit_file_name(std::string_view name, DotgitFile file) {
    return is_ntfs_dotgit_file_name(name, file) || is_hfs_dot_name(name, names_of(file).name);
}

bool may_be_dotgit_name(std::string_view name) {
    if (name.empty()) return false;
    char first = lower(name[0]);
    // Every spelling starts with the dot, with a short name's letter, or with something ignored.
    if (first == '.' || first == 'g' || first == 'm' || first == '~' || (first & 0x80) != 0) {
        return true;
    }
    return name.find('\\') != std::string_view::npos;
}

}  // namespace ashlar::git
