#include "api/page/answer_pages.h"
#include "api/page/code_html.h"
#include "api/page/describe.h"
#include "git/browse/diff.h"
#include "pages/text.h"

namespace ashlar::api::page {

namespace {

namespace browse = git::browse;

constexpr std::size_t kIndexFilesMin = 4;  // fewer files need no list before them
constexpr std::size_t kPathBytesShown = 400;

struct Kind {
    std::string_view name;
    std::string_view letter;
};

Kind kind_of(const browse::FileDiff& file) {
    if (!file.change.before) return {"added", "A"};
    if (!file.change.after) return {"deleted", "D"};
    if (file.similarity > 0) return {"renamed", "R"};
    return {"modified", "M"};
}

std::string mode_text(std::uint32_t mode) {
    std::string digits;
    for (int shift = 15; shift >= 0; shift -= 3) {
        digits.push_back(static_cast<char>('0' + ((mode >> shift) & 7)));
    }
    return digits;
}

std::string detail_of(const browse::FileDiff& file) {
    const auto& [before, after] = file.change;
    std::string detail;
    if (file.similarity > 0) detail = std::to_string(file.similarity) + "% the same";
    if (before && after && before->mode != after->mode) {
        if (!detail.empty()) detail.append(", ");
        detail.append("mode ").append(mode_text(before->mode)).append(" \u2192 ");
        detail.append(mode_text(after->mode));
    }
    return detail;
}

std::string short_side(const std::optional<browse::FileSide>& side) {
    return side ? short_id(side->id) : std::string("none");
}

std::string note_of(const browse::FileDiff& file) {
    switch (file.omission) {
        case browse::DiffOmission::none:
            break;
        case browse::DiffOmission::binary:
            return "Binary file: there are no lines to compare.";
        case browse::DiffOmission::submodule:
            return "Submodule: " + short_side(file.change.before) + " \u2192 " +
                   short_side(file.change.after);
        case browse::DiffOmission::too_large:
            return "This file is too large to compare here.";
        case browse::DiffOmission::too_long:
            return "The rest of this file's changes is not shown: there are too many lines.";
        case browse::DiffOmission::too_much:
            return "Not shown: this commit changes too much for one page.";
    }
    if (!file.hunks.empty()) return {};
    bool is_empty = file.added == 0 && file.deleted == 0;
    if (file.similarity == 100) return "Renamed without changes.";
    return is_empty ? "No lines changed." : "";
}

std::string shown_path(std::string_view path) {
    return std::string(pages::cut_text(pages::visible_name(path), kPathBytesShown));
}

Value describe_file(const RepositoryContext& repository, const browse::Commit& commit,
                    const browse::FileDiff& file, std::size_t index) {
    const auto& [before, after] = file.change;
    const std::string& path = after ? after->path : before->path;
    Kind kind = kind_of(file);
    Value value;
    value.set("anchor", "file-" + std::to_string(index + 1));
    value.set("name", shown_path(path)).set("kind", kind.name).set("kind_letter", kind.letter);
    if (file.similarity > 0) value.set("old_name", shown_path(before->path));
    value.set("detail", detail_of(file));
    value.set("added_lines", file.added > 0 ? pages::human_count(file.added) : "");
    value.set("deleted_lines", file.deleted > 0 ? pages::human_count(file.deleted) : "");
    bool is_file = after && (after->mode & git::kModeTypeMask) != git::kModeGitlink;
    if (is_file) value.set("href", address_of(repository, "blob", commit.id.hex(), path));
    value.set("lines", diff_html(file));
    value.set("note", note_of(file));
    return value;
}

Expected<browse::Diff> diff_of(const RepositoryContext& repository, const browse::Commit& commit) {
    std::optional<git::ObjectId> before;
    if (!commit.view.parents.empty()) {
        ASHLAR_TRY(browse::Commit parent,
                   browse::read_commit(repository.objects(), commit.view.parents.front()));
        before = parent.view.tree;
    }
    return browse::diff_trees(repository.objects(), before, commit.view.tree, {});
}

void fill_head(Value& model, const RepositoryContext& repository, const browse::Commit& commit) {
    const git::IdentityView& author = commit.view.author;
    const git::IdentityView& committer = commit.view.committer;
    model.set("subject", commit_subject(commit.view)).set("body", commit_body(commit.view));
    model.set("author", describe_person(author));
    model.set("datetime", pages::iso_time(author.seconds, author.zone_minutes));
    model.set("readable", pages::readable_time(author.seconds, author.zone_minutes));
    bool is_other = author.name != committer.name || author.email != committer.email;
    if (is_other) {
        Value value = describe_person(committer);
        value.set("datetime", pages::iso_time(committer.seconds, committer.zone_minutes));
        value.set("readable", pages::readable_time(committer.seconds, committer.zone_minutes));
        model.set("committer", std::move(value));
    }
    model.set("id", commit.id.hex());
    model.set("browse_href", address_of(repository, "tree", commit.id.hex(), ""));
    Value::List parents;
    for (const git::ObjectId& parent : commit.view.parents) {
        Value value;
        value.set("id", short_id(parent)).set("href", repository.base + "/commit/" + parent.hex());
        parents.push_back(std::move(value));
    }
    model.set("parents", std::move(parents));
    if (commit.view.parents.size() > 1) model.set("against", "compared with the first parent");
}

void fill_diff(Value& model, const RepositoryContext& repository, const browse::Commit& commit,
               const browse::Diff& diff) {
    Value::List files;
    for (std::size_t i = 0; i < diff.files.size(); ++i) {
        files.push_back(describe_file(repository, commit, diff.files[i], i));
    }
    std::string count = pages::human_count(diff.files.size()) + (diff.files_cut ? "+" : "");
    model.set("file_count", count + (diff.files.size() == 1 ? " file changed" : " files changed"));
    model.set("added", pages::human_count(diff.added));
    model.set("deleted", pages::human_count(diff.deleted));
    model.set("has_index", files.size() >= kIndexFilesMin);
    model.set("files", std::move(files));
    Value::List notes;
    if (diff.files_cut) {
        notes.push_back("Only the first " + pages::human_count(diff.files.size()) +
                        " changed files are listed; git shows them all.");
    }
    model.set("notes", std::move(notes));
}

}  // namespace

Expected<Answer> commit_page(const RepositoryContext& repository, std::string_view id) {
    ASHLAR_TRY(browse::Location location, repository.resolve(id));
    if (!location.path.empty()) {
        return fail(ErrorCode::not_found, "no commit is called " + std::string(id));
    }
    ASHLAR_TRY(browse::Commit commit,
               browse::read_commit(repository.objects(), location.revision.commit));
    ASHLAR_TRY(browse::Diff diff, diff_of(repository, commit));
    Page page;
    page.template_name = "commit";
    std::string title = commit_subject(commit.view) + " \u00b7 " + short_id(commit.id) +
                        " \u00b7 " + repository.card().owner + "/" + repository.card().record.name;
    ASHLAR_TRY(page.model, begin_repository_model(repository, title, Tab::commits, ""));
    fill_head(page.model, repository, commit);
    fill_diff(page.model, repository, commit, diff);
    return page;
}

}  // namespace ashlar::api::page
