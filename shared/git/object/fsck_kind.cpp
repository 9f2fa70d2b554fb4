#include "git/object/fsck_kind.h"

#include <iterator>

#include "base/assert.h"

namespace ashlar::git {
namespace {

struct KindRow {
    FsckKind kind;
    std::string_view name;
    FsckSeverity severity;
};

constexpr FsckSeverity kError = FsckSeverity::error;
constexpr FsckSeverity kWarning = FsckSeverity::warning;

// In the order of the enumeration. A warning of git-fsck is an error here, as it is for
// receive.fsckObjects, but for the three old sins; what git calls an info is a warning.
constexpr KindRow kKinds[] = {
    {FsckKind::bad_date, "badDate", kError},
    {FsckKind::bad_date_overflow, "badDateOverflow", kError},
    {FsckKind::bad_email, "badEmail", kError},
    {FsckKind::bad_filemode, "badFilemode", kWarning},
    {FsckKind::bad_gpgsig, "badGpgsig", kError},
    {FsckKind::bad_header_continuation, "badHeaderContinuation", kError},
    {FsckKind::bad_name, "badName", kError},
    {FsckKind::bad_object_sha1, "badObjectSha1", kError},
    {FsckKind::bad_parent_sha1, "badParentSha1", kError},
    {FsckKind::bad_tag_name, "badTagName", kWarning},
    {FsckKind::bad_timezone, "badTimezone", kWarning},  // old sin
    {FsckKind::bad_tree, "badTree", kError},
    {FsckKind::bad_tree_sha1, "badTreeSha1", kError},
    {FsckKind::bad_type, "badType", kError},
    {FsckKind::duplicate_entries, "duplicateEntries", kError},
    {FsckKind::empty_name, "emptyName", kError},
    {FsckKind::extra_header_entry, "extraHeaderEntry", FsckSeverity::ignored},
    {FsckKind::full_pathname, "fullPathname", kError},
    {FsckKind::gitattributes_blob, "gitattributesBlob", kError},
    {FsckKind::gitattributes_large, "gitattributesLarge", kError},
    {FsckKind::gitattributes_line_length, "gitattributesLineLength", kError},
    {FsckKind::gitattributes_missing, "gitattributesMissing", kError},
    {FsckKind::gitattributes_symlink, "gitattributesSymlink", kWarning},
    {FsckKind::gitignore_symlink, "gitignoreSymlink", kWarning},
    {FsckKind::gitmodules_blob, "gitmodulesBlob", kError},
    {FsckKind::gitmodules_large, "gitmodulesLarge", kError},
    {FsckKind::gitmodules_missing, "gitmodulesMissing", kError},
    {FsckKind::gitmodules_name, "gitmodulesName", kError},
    {FsckKind::gitmodules_parse, "gitmodulesParse", kWarning},
    {FsckKind::gitmodules_path, "gitmodulesPath", kError},
    {FsckKind::gitmodules_symlink, "gitmodulesSymlink", kError},
    {FsckKind::gitmodules_update, "gitmodulesUpdate", kError},
    {FsckKind::gitmodules_url, "gitmodulesUrl", kError},
    {FsckKind::has_dot, "hasDot", kError},
    {FsckKind::has_dotdot, "hasDotdot", kError},
    {FsckKind::has_dotgit, "hasDotgit", kError},
    {FsckKind::large_pathname, "largePathname", kError},
    {FsckKind::mailmap_symlink, "mailmapSymlink", kWarning},
    {FsckKind::missing_author, "missingAuthor", kError},
    {FsckKind::missing_committer, "missingCommitter", kError},
    {FsckKind::missing_email, "missingEmail", kError},
    {FsckKind::missing_name_before_email, "missingNameBeforeEmail", kError},
    {FsckKind::missing_object, "missingObject", kError},
    {FsckKind::missing_space_before_date, "missingSpaceBeforeDate", kWarning},  // old sin
    {FsckKind::missing_space_before_email, "missingSpaceBeforeEmail", kError},
    {FsckKind::missing_tag, "missingTag", kError},
    {FsckKind::missing_tag_entry, "missingTagEntry", kError},
    {FsckKind::missing_tagger_entry, "missingTaggerEntry", kWarning},
    {FsckKind::missing_tree, "missingTree", kError},
    {FsckKind::missing_type, "missingType", kError},
    {FsckKind::missing_type_entry, "missingTypeEntry", kError},
    {FsckKind::multiple_authors, "multipleAuthors", kError},
    {FsckKind::nul_in_commit, "nulInCommit", kError},
    {FsckKind::nul_in_header, "nulInHeader", kError},
    {FsckKind::null_sha1, "nullSha1", kError},
    {FsckKind::tree_not_sorted, "treeNotSorted", kError},
    {FsckKind::unterminated_header, "unterminatedHeader", kError},
    {FsckKind::zero_padded_date, "zeroPaddedDate", kError},
    {FsckKind::zero_padded_filemode, "zeroPaddedFilemode", kWarning},  // old sin
};

const KindRow& row_of(FsckKind kind) {
    auto number = static_cast<std::size_t>(kind);
    ASHLAR_ASSERT(number < std::size(kKinds) && kKinds[number].kind == kind);
    return kKinds[number];
}

}  // namespace

std::string_view to_string(FsckKind kind) {
    return row_of(kind).name;
}

FsckSeverity severity_of(FsckKind kind) {
    return row_of(kind).severity;
}

}  // namespace ashlar::git
