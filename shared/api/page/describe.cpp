#include "api/page/describe.h"

#include <algorithm>

#include "pages/text.h"

namespace ashlar::api::page {

namespace {

// Refs in the menu; more are on their own page.
constexpr std::size_t kMenuRefsMax = 40;
constexpr std::size_t kHueCount = 8;
constexpr std::size_t kBodyBytesMax = 64 * 1024;

// FNV-1a (RFC draft-eastlake-fnv): a colour for a person, the same everywhere.
std::uint32_t spread(std::string_view text) {
    std::uint32_t value = 2166136261U;
    for (char character : text) {
        value = (value ^ static_cast<unsigned char>(character)) * 16777619U;
    }
    return value;
}

// The first code point, a letter of ASCII in upper case.
std::string initial_of(std::string_view name) {
    if (name.empty()) return "?";
    std::size_t length = 1;
    while (length < name.size() && (static_cast<unsigned char>(name[length]) & 0xc0) == 0x80) {
        ++length;
    }
    std::string letter(name.substr(0, length));
    if (letter.size() == 1 && letter[0] >= 'a' && letter[0] <= 'z') {
        letter[0] = static_cast<char>(letter[0] - 32);
    }
    return letter;
}

std::string from_latin_1(std::string_view text) {
    std::string utf8;
    for (char character : text) {
        auto byte = static_cast<unsigned char>(character);
        if (byte < 0x80) {
            utf8.push_back(character);
        } else {
            utf8.push_back(static_cast<char>(0xc0 | (byte >> 6)));
            utf8.push_back(static_cast<char>(0x80 | (byte & 0x3f)));
        }
    }
    return utf8;
}

std::string message_of(const git::CommitView& commit) {
    std::string encoding(commit.encoding);
    for (char& letter : encoding) {
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 32);
    }
    if (encoding == "ISO-8859-1" || encoding == "ISO8859-1" || encoding == "LATIN1") {
        return from_latin_1(commit.message);
    }
    return std::string(commit.message);
}

std::string_view without_blank_start(std::string_view text) {
    std::size_t first = text.find_first_not_of("\r\n");
    return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

Value ref_item(std::string_view name, std::string href, bool current) {
    Value item;
    item.set("name", pages::visible_name(name)).set("href", std::move(href));
    item.set("current", current);
    return item;
}

struct Menu {
    Value::List items;
    bool more = false;
};

Expected<Menu> menu_of(const RepositoryContext& repository, std::string_view prefix,
                       std::string_view what, const git::browse::Location& location) {
    std::vector<std::string> names;
    ASHLAR_CHECK(repository.refs().scan(prefix, [&](const git::Ref& ref) {
        names.push_back(ref.name);
        return names.size() <= kMenuRefsMax;
    }));
    Menu menu;
    menu.more = names.size() > kMenuRefsMax;
    if (menu.more) names.pop_back();
    for (const std::string& full_name : names) {
        ASHLAR_TRY(std::string name, address_name(repository.refs(), full_name));
        menu.items.push_back(ref_item(git::browse::short_ref_name(full_name),
                                      address_of(repository, what, name, location.path),
                                      name == location.revision.name));
    }
    return menu;
}

void fill_path(Value& model, const RepositoryContext& repository,
               const git::browse::Location& location) {
    if (location.path.empty()) return;
    const std::string& revision = location.revision.name;
    Value::List parts;
    Value root;
    root.set("name", pages::visible_name(repository.card().record.name));
    root.set("href", address_of(repository, "tree", revision, ""));
    parts.push_back(std::move(root));
    std::string_view path = location.path;
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos;
         slash = path.find('/', slash + 1)) {
        std::string_view folder = path.substr(0, slash);
        Value part;
        part.set("name", pages::visible_name(folder.substr(folder.rfind('/') + 1)));
        part.set("href", address_of(repository, "tree", revision, folder));
        parts.push_back(std::move(part));
    }
    // A path a thousand folders deep keeps its beginning and its end.
    static constexpr std::size_t kPartsMax = 24;
    if (parts.size() > kPartsMax) {
        auto middle = parts.begin() + kPartsMax / 2;
        Value gap = *middle;
        gap.set("name", "\u2026");
        parts.erase(middle, parts.end() - kPartsMax / 2);
        parts.insert(parts.begin() + kPartsMax / 2, std::move(gap));
    }
    Value shown;
    shown.set("parts", std::move(parts));
    shown.set("leaf", pages::visible_name(path.substr(path.rfind('/') + 1)));
    model.set("path", std::move(shown));
}

}  // namespace

std::string short_id(const git::ObjectId& id) {
    return id.hex().substr(0, kShortIdDigits);
}

std::string revision_name(const git::browse::Revision& revision) {
    if (revision.kind == git::browse::RevisionKind::commit) return short_id(revision.commit);
    return pages::visible_name(revision.name);
}

Expected<std::string> address_name(const git::RefSource& refs, std::string_view full_ref_name) {
    static constexpr std::string_view kTags = "refs/tags/";
    std::string name(git::browse::short_ref_name(full_ref_name));
    if (full_ref_name.substr(0, kTags.size()) == kTags) {
        ASHLAR_TRY(auto branch, refs.find("refs/heads/" + name));
        if (branch) return std::string(full_ref_name);
    }
    return name;
}

std::string commit_subject(const git::CommitView& commit) {
    std::string message = message_of(commit);
    std::string_view text = without_blank_start(message);
    text = text.substr(0, text.find_first_of("\r\n"));
    std::string subject(pages::cut_text(pages::visible_name(text), kSubjectBytesMax));
    if (subject.empty()) return "(no message)";
    if (text.size() > kSubjectBytesMax) subject.append("\u2026");
    return subject;
}

std::string commit_body(const git::CommitView& commit) {
    std::string message = message_of(commit);
    std::string_view text = without_blank_start(message);
    std::size_t line_end = text.find('\n');
    if (line_end == std::string_view::npos) return {};
    text = without_blank_start(text.substr(line_end));
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
    std::string body = pages::visible_text(text, pages::LineBreaks::keep);
    if (body.size() <= kBodyBytesMax) return body;
    return std::string(pages::cut_text(body, kBodyBytesMax)) + "\n\u2026 (the message goes on)";
}

Value describe_person(const git::IdentityView& person) {
    std::string name(pages::cut_text(pages::visible_name(person.name), kNameBytesMax));
    if (name.empty()) name = pages::cut_text(pages::visible_name(person.email), kNameBytesMax);
    if (name.empty()) name = "nobody";
    Value value;
    value.set("letter", initial_of(name));
    value.set("hue", "h" + std::to_string(spread(person.email) % kHueCount));
    value.set("name", std::move(name));
    return value;
}

Value describe_commit(const RepositoryContext& repository, const git::browse::Commit& commit) {
    const git::IdentityView& committer = commit.view.committer;
    std::string iso = pages::iso_time(committer.seconds, committer.zone_minutes);
    Value value;
    value.set("subject", commit_subject(commit.view));
    value.set("href", repository.base + "/commit/" + commit.id.hex());
    value.set("short_id", short_id(commit.id));
    value.set("author", describe_person(commit.view.author));
    value.set("date", pages::short_date(committer.seconds, committer.zone_minutes));
    value.set("time", iso.substr(11, 5));
    value.set("datetime", std::move(iso));
    value.set("readable", pages::readable_time(committer.seconds, committer.zone_minutes));
    return value;
}

std::string address_of(const RepositoryContext& repository, std::string_view what,
                       std::string_view revision, std::string_view path) {
    std::string address = repository.base;
    address.append("/").append(what).append("/").append(pages::encode_path(revision));
    if (!path.empty()) address.append("/").append(pages::encode_path(path));
    return address;
}

Expected<void> fill_tools(Value& model, const RepositoryContext& repository, std::string_view what,
                          const git::browse::Location& location) {
    bool is_tag = location.revision.kind == git::browse::RevisionKind::tag;
    bool is_branch = location.revision.kind == git::browse::RevisionKind::branch;
    model.set("revision_name", revision_name(location.revision));
    model.set("revision_icon", is_tag ? "i-tag" : is_branch ? "i-branch" : "i-history");
    ASHLAR_TRY(Menu branches, menu_of(repository, "refs/heads/", what, location));
    ASHLAR_TRY(Menu tags, menu_of(repository, "refs/tags/", what, location));
    model.set("more_branches", branches.more).set("menu_branches", std::move(branches.items));
    model.set("more_tags", tags.more).set("has_tags", !tags.items.empty());
    model.set("menu_tags", std::move(tags.items));
    model.set("clone_url", repository.clone_url());
    model.set("description", pages::visible_name(repository.card().record.description));
    fill_path(model, repository, location);
    return {};
}

}  // namespace ashlar::api::page
