// What a commit changed, as people read it: file by file, with renames found, in hunks of lines;
// everything bounded, and what was left out is said.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "git/browse/line_diff.h"
#include "git/browse/tree_changes.h"

namespace ashlar::git::browse {

struct DiffLimits {
    TreeChangeLimits trees;
    std::size_t files_with_lines_max = 300;
    std::uint64_t file_bytes_max = std::uint64_t{1} << 20;       // of either side
    std::uint64_t compared_bytes_max = std::uint64_t{24} << 20;  // of both sides of all files
    std::size_t file_lines_max = 3'000;                          // lines shown of one file
    std::size_t lines_max = 15'000;                              // lines shown in all
    std::uint64_t bytes_max = std::uint64_t{2} << 20;            // of shown lines in all
    std::size_t rename_pairs_max = 2'500;                        // pairs of files compared
    std::uint64_t rename_bytes_max = std::uint64_t{256} << 10;
    int rename_similarity_min = 50;  // percent, as git's
};

struct DiffLine {
    LineKind kind = LineKind::context;
    std::uint32_t old_number = 0;  // 0: not on that side
    std::uint32_t new_number = 0;
    std::string text;              // without its line feed
    bool without_newline = false;  // the file ends here, without a line feed
};

struct DiffHunk {
    std::string header;  // "@@ -1,4 +1,5 @@ void f()"
    std::vector<DiffLine> lines;
};

// Why a file has no hunks or not all.
enum class DiffOmission : std::uint8_t {
    none,
    binary,
    submodule,  // a commit elsewhere: the ids are all there is
    too_large,  // file_bytes_max
    too_long,   // file_lines_max: cut there
    too_much,   // the limits over all files
};

struct FileDiff {
    FileChange change;
    int similarity = 0;  // percent; not 0: the file was renamed
    DiffOmission omission = DiffOmission::none;
    std::size_t added = 0;  // lines, also those not shown; 0 where the file was not compared
    std::size_t deleted = 0;
    std::vector<DiffHunk> hunks;
};

struct Diff {
    std::vector<FileDiff> files;  // ordered by path
    bool files_cut = false;       // there are more files
    std::size_t added = 0;
    std::size_t deleted = 0;
};

// An absent tree is an empty one.
Expected<Diff> diff_trees(ObjectSource& objects, const std::optional<ObjectId>& before,
                          const std::optional<ObjectId>& after, const DiffLimits& limits);

}  // namespace ashlar::git::browse
