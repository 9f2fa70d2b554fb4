#include "git/object/commit.h"

#include <algorithm>
#include <limits>

#include "git/object/header_lines.h"

namespace ashlar::git {
namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

// Digits up to the first other character; saturates.
std::int64_t parse_seconds(std::string_view& text) {
    bool negative = !text.empty() && text[0] == '-';
    if (negative) text.remove_prefix(1);
    std::int64_t seconds = 0;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
        if (seconds < std::numeric_limits<std::int64_t>::max() / 10 - 1) {
            seconds = seconds * 10 + (text[0] - '0');
        }
        text.remove_prefix(1);
    }
    return negative ? -seconds : seconds;
}

int parse_zone_minutes(std::string_view zone) {
    if (zone.size() != 5 || (zone[0] != '+' && zone[0] != '-')) return 0;
    int digits[4] = {};
    for (std::size_t i = 0; i < 4; ++i) {
        if (zone[i + 1] < '0' || zone[i + 1] > '9') return 0;
        digits[i] = zone[i + 1] - '0';
    }
    int minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3];
    return zone[0] == '-' ? -minutes : minutes;
}

Expected<ObjectId> take_id(std::string_view& text, std::string_view key) {
    auto line = take_header_line(text, key);
    if (!line)
        return fail(ErrorCode::invalid, "a commit without a '" + std::string(key) + "' line");
    std::optional<ObjectId> id = parse_hex_id(*line);
    if (!id) return fail(ErrorCode::invalid, "a '" + std::string(key) + "' line without an id");
    return *id;
}

Expected<void> take_links(std::string_view& text, ObjectId& tree, std::vector<ObjectId>& parents) {
    ASHLAR_TRY(tree, take_id(text, "tree"));
    while (text.substr(0, 7) == "parent ") {
        ASHLAR_TRY(ObjectId parent, take_id(text, "parent"));
        parents.push_back(parent);
    }
    return {};
}

// Takes the value of one header with the lines that continue it (they begin with a space).
std::string_view take_folded(std::string_view& text) {
    std::size_t start = text.find_first_of(" \n");
    std::size_t end = start;
    while (end != std::string_view::npos) {
        end = text.find('\n', end);
        if (end == std::string_view::npos) break;
        if (end + 1 >= text.size() || text[end + 1] != ' ') break;
        ++end;
    }
    std::size_t stop = std::min(end, text.size());
    std::string_view value;
    if (start < stop) value = text.substr(start + 1, stop - start - 1);
    text.remove_prefix(std::min(stop + 1, text.size()));
    return value;
}

}  // namespace

IdentityView parse_identity(std::string_view line) {
    IdentityView identity;
    std::size_t open = line.find('<');
    std::size_t close = line.rfind('>');
    if (open == std::string_view::npos) {
        identity.name = trim(line);
        return identity;
    }
    identity.name = trim(line.substr(0, open));
    if (close == std::string_view::npos || close < open) return identity;
    identity.email = line.substr(open + 1, close - open - 1);
    std::string_view rest = trim(line.substr(close + 1));
    identity.seconds = parse_seconds(rest);
    identity.zone = trim(rest);
    identity.zone_minutes = parse_zone_minutes(identity.zone);
    return identity;
}

std::string_view CommitView::subject() const {
    std::size_t start = message.find_first_not_of("\n\r \t");
    if (start == std::string_view::npos) return {};
    std::string_view rest = message.substr(start);
    return rest.substr(0, rest.find('\n'));
}

Expected<CommitView> parse_commit(ByteView content) {
    CommitView commit;
    std::string_view text = as_text(content);
    ASHLAR_CHECK(take_links(text, commit.tree, commit.parents));
    while (!text.empty() && text[0] != '\n') {
        std::string_view key = text.substr(0, text.find_first_of(" \n"));
        std::string_view value = take_folded(text);
        if (key == "author") commit.author = parse_identity(value);
        if (key == "committer") commit.committer = parse_identity(value);
        if (key == "encoding") commit.encoding = value;
        if (key == "gpgsig") commit.signature = value;
    }
    if (!text.empty()) commit.message = text.substr(1);
    return commit;
}

Expected<CommitLinks> parse_commit_links(ByteView content) {
    CommitLinks links;
    std::string_view text = as_text(content);
    ASHLAR_CHECK(take_links(text, links.tree, links.parents));
    while (auto author = take_header_line(text, "author")) {
    }
    if (auto committer = take_header_line(text, "committer")) {
        links.committed_seconds = parse_identity(*committer).seconds;
    }
    return links;
}

}  // namespace ashlar::git
