#include "git/walk/sparse_patterns.h"

namespace ashlar::git {
namespace {

// "[a-z]", "[!abc]": whether the class that starts at `position` holds the character. Moves
// behind the class; nothing where it does not end.
std::optional<bool> class_match(std::string_view pattern, std::size_t& position, char character) {
    std::size_t at = position + 1;
    bool negated = false;
    if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) {
        negated = true;
        ++at;
    }
    bool matched = false;
    for (bool first = true; at < pattern.size() && (first || pattern[at] != ']'); first = false) {
        if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
        const char low = pattern[at++];
        char high = low;
        if (at + 1 < pattern.size() && pattern[at] == '-' && pattern[at + 1] != ']') {
            high = pattern[at + 1];
            at += 2;
        }
        matched = matched || (low <= character && character <= high);
    }
    if (at >= pattern.size()) return std::nullopt;
    position = at + 1;
    return matched != negated;
}

// One element of a pattern that is no star, against one character. Moves behind the element.
bool element_match(std::string_view pattern, std::size_t& position, char character) {
    const char element = pattern[position];
    if (element == '?') {
        ++position;
        return character != '/';
    }
    if (element == '[') {
        std::optional<bool> match = class_match(pattern, position, character);
        if (match) return *match && character != '/';
    }
    if (element == '\\' && position + 1 < pattern.size()) ++position;
    return pattern[position++] == character;
}

struct Star {
    std::size_t size = 0;   // of the pattern that it takes
    bool deep = false;      // matches '/' as well
    bool optional = false;  // "**/": matches nothing, or ends with '/'
};

std::optional<Star> star_at(std::string_view pattern, std::size_t position) {
    if (position >= pattern.size() || pattern[position] != '*') return std::nullopt;
    std::size_t end = position;
    while (end < pattern.size() && pattern[end] == '*') ++end;
    const bool at_start = position == 0 || pattern[position - 1] == '/';
    if (end - position == 2 && at_start) {
        if (end == pattern.size()) return Star{2, true, false};
        if (pattern[end] == '/') return Star{3, true, true};
    }
    return Star{end - position, false, false};
}

}  // namespace

// The set of places in the pattern that the text read so far can stand for: one pass over the
// text, so no pattern takes more than |pattern| * |text| steps.
bool wildcard_match(std::string_view pattern, std::string_view text) {
    std::vector<bool> places(pattern.size() + 1);
    // A star may stand for nothing: then the place behind it is reached as well. The place of a
    // "**/" that has taken something is kept apart, for it may go on only behind a '/'.
    std::vector<bool> inside(pattern.size() + 1);
    auto skip_stars = [&](std::vector<bool>& set) {
        for (std::size_t at = 0; at < pattern.size(); ++at) {
            if (!set[at]) continue;
            if (std::optional<Star> star = star_at(pattern, at)) set[at + star->size] = true;
        }
    };
    places[0] = true;
    skip_stars(places);
    for (char character : text) {
        std::vector<bool> next(pattern.size() + 1);
        std::vector<bool> next_inside(pattern.size() + 1);
        for (std::size_t at = 0; at < pattern.size(); ++at) {
            if (!places[at] && !inside[at]) continue;
            if (std::optional<Star> star = star_at(pattern, at)) {
                if (star->optional) {
                    next_inside[at] = true;
                    if (character == '/') next[at + star->size] = true;
                } else if (star->deep || character != '/') {
                    next[at] = true;
                }
            } else {
                std::size_t behind = at;
                if (element_match(pattern, behind, character)) next[behind] = true;
            }
        }
        skip_stars(next);
        places = std::move(next);
        inside = std::move(next_inside);
    }
    return places[pattern.size()];
}

Expected<SparsePatterns> SparsePatterns::parse(ByteView content) {
    SparsePatterns result;
    std::string_view text = as_text(content);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        while (line.ends_with(' ') && !line.ends_with("\\ ")) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        Pattern pattern;
        if (line.front() == '!') {
            pattern.negated = true;
            line.remove_prefix(1);
        }
        if (line.ends_with('/')) {
            pattern.folders_only = true;
            line.remove_suffix(1);
        }
        pattern.anchored = line.find('/') != std::string_view::npos;
        if (line.starts_with('/')) line.remove_prefix(1);
        if (line.empty()) continue;
        if (result.patterns_.size() == kSparsePatternsMax) {
            return fail(
                ErrorCode::limit_exceeded,
                "a sparse filter may have " + std::to_string(kSparsePatternsMax) + " patterns");
        }
        pattern.text = line;
        pattern.literal = line.find_first_of("*?[\\") == std::string_view::npos;
        result.patterns_.push_back(std::move(pattern));
    }
    return result;
}

std::optional<bool> SparsePatterns::match(std::string_view path, PathKind kind) const {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    for (auto pattern = patterns_.rbegin(); pattern != patterns_.rend(); ++pattern) {
        if (pattern->folders_only && kind != PathKind::folder) continue;
        const std::string_view text = pattern->anchored ? path : name;
        const bool matches =
            pattern->literal ? pattern->text == text : wildcard_match(pattern->text, text);
        if (matches) return !pattern->negated;
    }
    return std::nullopt;
}

}  // namespace ashlar::git
