// The many spellings that file systems take for ".git" and its relatives: HFS+ folds case and skips
// some code points, NTFS folds case, drops trailing dots and spaces, has streams and short names.
#pragma once

#include <string_view>

namespace ashlar::git {

enum class DotgitFile { gitmodules, gitattributes, gitignore, mailmap };

// Whether a checkout on some file system would take the name for ".git".
bool is_dotgit_name(std::string_view name);
bool is_ntfs_dotgit_name(std::string_view name);

// Whether it would take the name for ".gitmodules", and so on.
bool is_dotgit_file_name(std::string_view name, DotgitFile file);
bool is_ntfs_dotgit_file_name(std::string_view name, DotgitFile file);

// False for nearly every name: those that cannot be any of the above. For speed only.
bool may_be_dotgit_name(std::string_view name);

}  // namespace ashlar::git
