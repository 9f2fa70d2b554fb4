#include "git/browse/diff.h"

#include <git2.h>

#include <algorithm>

#include "git/browse/renames.h"

namespace ashlar::git::browse {

namespace {

struct FreePatch {
    void operator()(git_patch* patch) const { git_patch_free(patch); }
};
using Patch = std::unique_ptr<git_patch, FreePatch>;

bool is_submodule(const std::optional<FileSide>& side) {
    return side && (side->mode & kModeTypeMask) == kModeGitlink;
}

std::string_view without_line_feed(std::string_view text) {
    if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    return text;
}

// Lines are compared by libgit2's xdiff, over buffers: no repository, no file, no callback of ours.
Expected<Patch> compare_contents(ByteView before, ByteView after) {
    git_diff_options options;
    git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.flags = GIT_DIFF_FORCE_TEXT | GIT_DIFF_INDENT_HEURISTIC;
    git_patch* patch = nullptr;
    int status = git_patch_from_buffers(&patch, before.data(), before.size(), "a", after.data(),
                                        after.size(), "b", &options);
    if (status != 0) return fail(ErrorCode::unavailable, "libgit2 could not compare two files");
    return Patch(patch);
}

class DiffBuilder {
  public:
    DiffBuilder(ObjectSource& objects, const DiffLimits& limits)
        : objects_(objects), limits_(limits) {}

    Expected<Diff> run(const std::optional<ObjectId>& before,
                       const std::optional<ObjectId>& after) {
        ASHLAR_TRY(TreeChanges changes, compare_trees(objects_, before, after, limits_.trees));
        result_.files_cut = changes.cut;
        for (FileChange& change : changes.changes) {
            result_.files.emplace_back();
            result_.files.back().change = std::move(change);
        }
        ASHLAR_CHECK(join_renames(objects_, result_.files, limits_));
        for (std::size_t i = 0; i < result_.files.size(); ++i) {
            FileDiff& file = result_.files[i];
            if (i >= limits_.files_with_lines_max) {
                file.omission = DiffOmission::too_much;
                continue;
            }
            ASHLAR_CHECK(fill(file));
            result_.added += file.added;
            result_.deleted += file.deleted;
        }
        return std::move(result_);
    }

  private:
    using Content = std::shared_ptr<const Object>;

    // The content; null where it is too large (and the file's omission says so).
    Expected<Content> content_of(const std::optional<FileSide>& side, FileDiff& file) {
        if (!side) return std::make_shared<const Object>();
        auto object = objects_.read(side->id, limits_.file_bytes_max);
        if (object) return std::move(*object);
        if (object.error().code != ErrorCode::limit_exceeded) {
            return Unexpected(std::move(object).error());
        }
        file.omission = DiffOmission::too_large;
        return Content();
    }

    bool is_spent() const { return lines_ >= limits_.lines_max || bytes_ >= limits_.bytes_max; }

    Expected<void> fill(FileDiff& file) {
        const auto& [before, after] = file.change;
        if (is_submodule(before) || is_submodule(after)) {
            file.omission = DiffOmission::submodule;
            return {};
        }
        if (before && after && before->id == after->id) return {};
        if (is_spent() || compared_bytes_ >= limits_.compared_bytes_max) {
            file.omission = DiffOmission::too_much;
            return {};
        }
        ASHLAR_TRY(Content left, content_of(before, file));
        ASHLAR_TRY(Content right, content_of(after, file));
        if (!left || !right) return {};
        compared_bytes_ += left->content.size() + right->content.size();
        if (looks_binary(left->content) || looks_binary(right->content)) {
            file.omission = DiffOmission::binary;
            return {};
        }
        ASHLAR_TRY(Patch patch, compare_contents(left->content, right->content));
        std::size_t context = 0;
        git_patch_line_stats(&context, &file.added, &file.deleted, patch.get());
        copy_hunks(*patch, file);
        return {};
    }

    void copy_hunks(git_patch& patch, FileDiff& file) {
        std::size_t file_lines = 0;
        for (std::size_t i = 0; i < git_patch_num_hunks(&patch); ++i) {
            const git_diff_hunk* from = nullptr;
            std::size_t count = 0;
            if (git_patch_get_hunk(&from, &count, &patch, i) != 0) return;
            DiffHunk hunk;
            hunk.header = without_line_feed({from->header, from->header_len});
            for (std::size_t line = 0; line < count; ++line) {
                if (!may_add(file_lines, file)) break;
                copy_line(patch, i, line, hunk, file_lines);
            }
            if (!hunk.lines.empty()) file.hunks.push_back(std::move(hunk));
            if (file.omission != DiffOmission::none) return;
        }
    }

    bool may_add(std::size_t file_lines, FileDiff& file) {
        if (file_lines >= limits_.file_lines_max) {
            file.omission = DiffOmission::too_long;
        } else if (is_spent()) {
            file.omission = DiffOmission::too_much;
        }
        return file.omission == DiffOmission::none;
    }

    void copy_line(git_patch& patch, std::size_t hunk_index, std::size_t line_index, DiffHunk& hunk,
                   std::size_t& file_lines) {
        const git_diff_line* from = nullptr;
        if (git_patch_get_line_in_hunk(&from, &patch, hunk_index, line_index) != 0) return;
        DiffLine line;
        switch (from->origin) {
            case GIT_DIFF_LINE_CONTEXT:
                break;
            case GIT_DIFF_LINE_ADDITION:
                line.kind = LineKind::added;
                break;
            case GIT_DIFF_LINE_DELETION:
                line.kind = LineKind::deleted;
                break;
            default:  // "\ No newline at end of file" is said of the line before it
                if (!hunk.lines.empty()) hunk.lines.back().without_newline = true;
                return;
        }
        line.old_number = static_cast<std::uint32_t>(std::max(from->old_lineno, 0));
        line.new_number = static_cast<std::uint32_t>(std::max(from->new_lineno, 0));
        line.text = without_line_feed({from->content, from->content_len});
        bytes_ += line.text.size();
        ++lines_;
        ++file_lines;
        hunk.lines.push_back(std::move(line));
    }

    ObjectSource& objects_;
    const DiffLimits& limits_;
    Diff result_;
    std::size_t lines_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t compared_bytes_ = 0;
};

}  // namespace

Expected<Diff> diff_trees(const Libgit2&, ObjectSource& objects,
                          const std::optional<ObjectId>& before,
                          const std::optional<ObjectId>& after, const DiffLimits& limits) {
    return DiffBuilder(objects, limits).run(before, after);
}

}  // namespace ashlar::git::browse
