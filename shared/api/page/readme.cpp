#include "api/page/readme.h"

#include <algorithm>
#include <array>

#include "api/page/describe.h"
#include "api/request.h"
#include "pages/text.h"

namespace ashlar::api::page {

namespace {

// "#L3" and "#L3-L9" name lines; other fragments headings of a document.
std::string encode_fragment(std::string_view fragment) {
    bool names_lines =
        fragment.size() > 1 && fragment[0] == 'L' && fragment[1] >= '0' && fragment[1] <= '9';
    std::string encoded = "#";
    if (!names_lines) encoded.append(pages::kUserIdPrefix);
    return encoded.append(pages::encode_segment(fragment));
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& character : lower) {
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character + 32);
    }
    return lower;
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() > end.size() && text.substr(text.size() - end.size()) == end;
}

}  // namespace

bool is_markdown_name(std::string_view name) {
    std::string lower = lower_case(name);
    return ends_with(lower, ".md") || ends_with(lower, ".markdown");
}

DocumentTarget resolve_target(std::string_view document_path, std::string_view target) {
    DocumentTarget resolved;
    std::size_t hash = std::min(target.find('#'), target.size());
    if (hash < target.size()) {
        std::string_view fragment = target.substr(hash + 1);
        resolved.fragment = percent_decode(fragment).value_or(std::string(fragment));
    }
    target = target.substr(0, hash);
    target = target.substr(0, target.find('?'));
    std::string decoded = percent_decode(target).value_or(std::string(target));
    std::vector<std::string_view> parts;
    std::string_view folder =
        document_path.substr(0, std::min(document_path.rfind('/'), document_path.size()));
    if (document_path.find('/') == std::string_view::npos) folder = {};
    auto walk = [&](std::string_view path) {
        while (!path.empty()) {
            std::string_view part = path.substr(0, path.find('/'));
            path.remove_prefix(std::min(path.size(), part.size() + 1));
            if (part == "..") {
                if (!parts.empty()) parts.pop_back();
            } else if (!part.empty() && part != ".") {
                parts.push_back(part);
            }
        }
    };
    if (decoded.empty() || decoded.front() != '/') walk(folder);
    walk(decoded);
    for (std::string_view part : parts) {
        if (!resolved.path.empty()) resolved.path.push_back('/');
        resolved.path.append(part);
    }
    return resolved;
}

pages::MarkdownResult render_document(const RepositoryContext& repository,
                                      std::string_view revision, std::string_view path,
                                      std::string_view source) {
    pages::LinkRewriter rewriter;
    rewriter.link = [&](std::string_view target) {
        DocumentTarget resolved = resolve_target(path, target);
        std::string_view what = resolved.path.empty() ? "tree" : "blob";
        std::string address = address_of(repository, what, revision, resolved.path);
        if (!resolved.fragment.empty()) address.append(encode_fragment(resolved.fragment));
        return address;
    };
    rewriter.image = [&](std::string_view target) {
        DocumentTarget resolved = resolve_target(path, target);
        if (resolved.path.empty()) return std::string();
        return address_of(repository, "raw", revision, resolved.path);
    };
    return pages::render_markdown(repository.context.site.markdown, source, rewriter);
}

Expected<Value> describe_readme(const RepositoryContext& repository,
                                const git::browse::Location& location,
                                const std::vector<git::TreeEntryView>& entries) {
    const git::TreeEntryView* entry = git::browse::find_readme(entries);
    if (entry == nullptr) return Value();
    std::string path = location.path;
    if (!path.empty()) path.push_back('/');
    path.append(entry->name);
    Value readme;
    readme.set("name", pages::visible_name(entry->name));
    readme.set("href", address_of(repository, "blob", location.revision.name, path));
    auto object = repository.objects().read(entry->id, kReadmeBytesMax);
    if (!object && object.error().code == ErrorCode::needs_data) {
        return Unexpected(std::move(object).error());
    }
    if (!object || git::browse::looks_binary((*object)->content)) {
        readme.set("note", "This README cannot be shown here: it is too large, or no text.");
        return readme;
    }
    std::string_view source = as_text((*object)->content);
    if (!is_markdown_name(entry->name)) {
        std::string_view shown = pages::cut_text(source, pages::kMarkdownBytesMax);
        readme.set("text", pages::visible_text(shown, pages::LineBreaks::keep));
        if (shown.size() < source.size()) readme.set("note", "The rest is on the file's own page.");
        return readme;
    }
    pages::MarkdownResult result =
        render_document(repository, location.revision.name, path, source);
    readme.set("html", pages::Html{std::move(result.html)});
    if (result.cut) readme.set("note", "The rest is on the file's own page.");
    return readme;
}

}  // namespace ashlar::api::page
