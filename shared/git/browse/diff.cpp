#include "git/browse/diff.h"

#include <optional>
#include <utility>

#include "git/browse/renames.h"

namespace ashlar::git::browse {

namespace {

bool is_submodule(const std::optional<FileSide>& side) {
    return side && (side->mode & kModeTypeMask) == kModeGitlink;
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
        FileLines lines(*this, file);
        return compare_lines(left->content, right->content, lines);
    }

    // Copies what may be shown of one file, and counts the rest.
    class FileLines final : public LineDiffSink {
      public:
        FileLines(DiffBuilder& builder, FileDiff& file) : builder_(builder), file_(file) {}

        void begin_hunk(std::string header) override { header_ = std::move(header); }

        void add_line(const ComparedLine& line) override {
            if (line.kind == LineKind::added) ++file_.added;
            if (line.kind == LineKind::deleted) ++file_.deleted;
            if (!builder_.may_add(shown_, file_)) return;
            if (header_) file_.hunks.push_back({*std::exchange(header_, std::nullopt), {}});
            file_.hunks.back().lines.push_back({line.kind, line.old_number, line.new_number,
                                                std::string(line.text), line.without_newline});
            builder_.bytes_ += line.text.size();
            ++builder_.lines_;
            ++shown_;
        }

      private:
        DiffBuilder& builder_;
        FileDiff& file_;
        std::optional<std::string> header_;  // of a hunk without lines so far
        std::size_t shown_ = 0;
    };

    bool may_add(std::size_t file_lines, FileDiff& file) const {
        if (file.omission != DiffOmission::none) return false;
        if (file_lines >= limits_.file_lines_max) {
            file.omission = DiffOmission::too_long;
        } else if (is_spent()) {
            file.omission = DiffOmission::too_much;
        }
        return file.omission == DiffOmission::none;
    }

    ObjectSource& objects_;
    const DiffLimits& limits_;
    Diff result_;
    std::size_t lines_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t compared_bytes_ = 0;
};

}  // namespace

Expected<Diff> diff_trees(ObjectSource& objects, const std::optional<ObjectId>& before,
                          const std::optional<ObjectId>& after, const DiffLimits& limits) {
    return DiffBuilder(objects, limits).run(before, after);
}

}  // namespace ashlar::git::browse
