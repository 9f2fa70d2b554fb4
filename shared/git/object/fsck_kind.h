// Every kind of finding about objects that git-fsck knows, by git's names.
#pragma once

#include <cstdint>
#include <string_view>

namespace ashlar::git {

enum class FsckKind : std::uint8_t {
    bad_date,
    bad_date_overflow,
    bad_email,
    bad_filemode,
    bad_gpgsig,
    bad_header_continuation,
    bad_name,
    bad_object_sha1,
    bad_parent_sha1,
    bad_tag_name,
    bad_timezone,
    bad_tree,
    bad_tree_sha1,
    bad_type,
    duplicate_entries,
    empty_name,
    extra_header_entry,
    full_pathname,
    gitattributes_blob,
    gitattributes_large,
    gitattributes_line_length,
    gitattributes_missing,
    gitattributes_symlink,
    gitignore_symlink,
    gitmodules_blob,
    gitmodules_large,
    gitmodules_missing,
    gitmodules_name,
    gitmodules_parse,
    gitmodules_path,
    gitmodules_symlink,
    gitmodules_update,
    gitmodules_url,
    has_dot,
    has_dotdot,
    has_dotgit,
    large_pathname,
    mailmap_symlink,
    missing_author,
    missing_committer,
    missing_email,
    missing_name_before_email,
    missing_object,
    missing_space_before_date,
    missing_space_before_email,
    missing_tag,
    missing_tag_entry,
    missing_tagger_entry,
    missing_tree,
    missing_type,
    missing_type_entry,
    multiple_authors,
    nul_in_commit,
    nul_in_header,
    null_sha1,
    tree_not_sorted,
    unterminated_header,
    zero_padded_date,
    zero_padded_filemode,
};

enum class FsckSeverity : std::uint8_t {
    error,    // the push is refused
    warning,  // the pusher is told
    ignored,  // nothing is said
};

// git's name: "zeroPaddedFilemode".
std::string_view to_string(FsckKind kind);
FsckSeverity severity_of(FsckKind kind);

}  // namespace ashlar::git
