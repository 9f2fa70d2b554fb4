// Commits and tags: header lines, in their order, and who wrote them when.
#include <cstdint>
#include <limits>

#include "git/object/fsck.h"
#include "git/object/header_lines.h"
#include "git/object/ref_name.h"

namespace ashlar::git {
namespace {

constexpr std::uint64_t kSecondsMax = std::numeric_limits<std::int64_t>::max();

bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

// The header ends with an empty line, or the object does with its last header line.
bool check_header_end(std::string_view text, FsckReport& report) {
    std::size_t end = text.find("\n\n");
    std::string_view header = text.substr(0, end);
    if (header.find('\0') != std::string_view::npos) {
        report.add(FsckKind::nul_in_header, "a NUL byte in the header");
        return false;
    }
    if (end != std::string_view::npos || (!text.empty() && text.back() == '\n')) return true;
    report.add(FsckKind::unterminated_header, "the header has no end");
    return false;
}

// "1234567890 +0200", behind the address. Spaces in front were always allowed.
void check_date(std::string_view date, FsckReport& report) {
    std::size_t i = 0;
    while (i < date.size() && (date[i] == ' ' || date[i] == '\t')) ++i;
    if (i == date.size() || !is_digit(date[i])) {
        return report.add(FsckKind::bad_date, "an author or committer line with a bad date");
    }
    if (date[i] == '0' && i + 1 < date.size() && date[i + 1] != ' ') {
        return report.add(FsckKind::zero_padded_date, "a date that is padded with zeros");
    }
    std::uint64_t seconds = 0;
    for (; i < date.size() && is_digit(date[i]); ++i) {
        if (seconds > kSecondsMax / 10 - 1) {
            return report.add(FsckKind::bad_date_overflow, "a date that is out of range");
        }
        seconds = seconds * 10 + static_cast<std::uint64_t>(date[i] - '0');
    }
    if (i == date.size() || date[i] != ' ') {
        return report.add(FsckKind::bad_date, "an author or committer line with a bad date");
    }
    std::string_view zone = date.substr(i + 1);
    bool good = zone.size() == 5 && (zone[0] == '+' || zone[0] == '-');
    for (std::size_t digit = 1; good && digit < 5; ++digit) good = is_digit(zone[digit]);
    if (!good) report.add(FsckKind::bad_timezone, "an author or committer line with a bad zone");
}

// "Name <address> date zone".
void check_identity(std::string_view line, FsckReport& report) {
    std::size_t open = line.find_first_of("<>");
    if (open == 0 && line[0] == '<') {
        return report.add(FsckKind::missing_name_before_email, "no name before the address");
    }
    if (open == std::string_view::npos) {
        return report.add(FsckKind::missing_email, "an author or committer without an address");
    }
    if (line[open] == '>') return report.add(FsckKind::bad_name, "a '>' in a name");
    if (line[open - 1] != ' ') {
        return report.add(FsckKind::missing_space_before_email, "no space before the address");
    }
    std::size_t close = line.find_first_of("<>", open + 1);
    if (close == std::string_view::npos || line[close] == '<') {
        return report.add(FsckKind::bad_email, "an address without an end");
    }
    std::string_view rest = line.substr(close + 1);
    if (rest.empty() || rest[0] != ' ') {
        return report.add(FsckKind::missing_space_before_date, "no space before the date");
    }
    check_date(rest.substr(1), report);
}

// A line that should hold an id: the reference where it does.
void check_id_line(std::string_view value, ObjectType type, FsckKind kind, FsckReport& report) {
    if (std::optional<ObjectId> id = parse_hex_id(value)) {
        report.references.push_back({*id, type});
    } else {
        report.add(kind, "not an object id: '" + std::string(value.substr(0, 60)) + "'");
    }
}

// A tag's signature in its header, with the lines that continue it.
void check_tag_signature(std::string_view& text, FsckReport& report) {
    bool signature = text.substr(0, 7) == "gpgsig " || text.substr(0, 14) == "gpgsig-sha256 ";
    if (!signature) return;
    std::size_t end = text.find('\n');
    if (end == std::string_view::npos) {
        return report.add(FsckKind::bad_gpgsig, "a signature without an end");
    }
    text.remove_prefix(end + 1);
    while (!text.empty() && text[0] == ' ') {
        end = text.find('\n');
        if (end == std::string_view::npos) {
            return report.add(FsckKind::bad_header_continuation, "a signature without an end");
        }
        text.remove_prefix(end + 1);
    }
}

}  // namespace

void fsck_commit(ByteView content, FsckReport& report) {
    std::string_view text = as_text(content);
    if (!check_header_end(text, report)) return;
    auto tree = take_header_line(text, "tree");
    if (!tree) return report.add(FsckKind::missing_tree, "a commit without a 'tree' line");
    check_id_line(*tree, ObjectType::tree, FsckKind::bad_tree_sha1, report);
    while (auto parent = take_header_line(text, "parent")) {
        check_id_line(*parent, ObjectType::commit, FsckKind::bad_parent_sha1, report);
    }
    int author_count = 0;
    while (auto author = take_header_line(text, "author")) {
        ++author_count;
        check_identity(*author, report);
    }
    if (author_count == 0) {
        return report.add(FsckKind::missing_author, "a commit without an 'author' line");
    }
    if (author_count > 1) {
        report.add(FsckKind::multiple_authors, "a commit with several 'author' lines");
    }
    auto committer = take_header_line(text, "committer");
    if (!committer) {
        return report.add(FsckKind::missing_committer, "a commit without a 'committer' line");
    }
    check_identity(*committer, report);
    if (as_text(content).find('\0') != std::string_view::npos) {
        report.add(FsckKind::nul_in_commit, "a NUL byte in a commit");
    }
}

void fsck_tag(ByteView content, FsckReport& report) {
    std::string_view text = as_text(content);
    if (!check_header_end(text, report)) return;
    auto object = take_header_line(text, "object");
    if (!object) return report.add(FsckKind::missing_object, "a tag without an 'object' line");
    auto type_name = take_header_line(text, "type");
    if (!type_name) return report.add(FsckKind::missing_type_entry, "a tag without a 'type' line");
    std::optional<ObjectType> type = object_type_from(*type_name);
    if (!type) return report.add(FsckKind::bad_type, "a tag with an unknown 'type'");
    check_id_line(*object, *type, FsckKind::bad_object_sha1, report);
    auto name = take_header_line(text, "tag");
    if (!name) return report.add(FsckKind::missing_tag_entry, "a tag without a 'tag' line");
    if (!check_ref_name("refs/tags/" + std::string(*name))) {
        report.add(FsckKind::bad_tag_name, "a tag whose name no ref may have");
    }
    if (auto tagger = take_header_line(text, "tagger")) {
        check_identity(*tagger, report);
    } else {
        report.add(FsckKind::missing_tagger_entry, "a tag without a 'tagger' line");
    }
    check_tag_signature(text, report);
    if (!text.empty() && text[0] != '\n') {
        report.add(FsckKind::extra_header_entry, "more header lines behind 'tagger'");
    }
}

}  // namespace ashlar::git
