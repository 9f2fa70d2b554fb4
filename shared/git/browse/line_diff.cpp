#include "git/browse/line_diff.h"

#include <xdiff/xdiff.h>

#include "base/utf8.h"

namespace ashlar::git::browse {

namespace {

constexpr long kContextLines = 3;
constexpr std::string_view kNumberSeparator = ",";

// What xdiff hands to its callbacks.
struct Emission {
    LineDiffSink& sink;
    std::uint32_t old_number = 0;  // of the next line
    std::uint32_t new_number = 0;
};

std::string range_of(long begin, long count) {
    std::string range = std::to_string(begin);
    if (count != 1) range.append(kNumberSeparator).append(std::to_string(count));
    return range;
}

// A function's name is cut after so many bytes, which may be within a character.
std::string_view whole_characters(std::string_view text) {
    while (!text.empty() && !is_utf8(text)) text.remove_suffix(1);
    return text;
}

int take_hunk(void* context, long old_begin, long old_count, long new_begin, long new_count,
              const char* function, long function_size) {
    Emission& emission = *static_cast<Emission*>(context);
    emission.old_number = static_cast<std::uint32_t>(old_begin);
    emission.new_number = static_cast<std::uint32_t>(new_begin);
    std::string header =
        "@@ -" + range_of(old_begin, old_count) + " +" + range_of(new_begin, new_count) + " @@";
    if (function != nullptr && function_size > 0) {
        const std::string_view name(function, static_cast<std::size_t>(function_size));
        header.append(" ").append(whole_characters(name));
    }
    emission.sink.begin_hunk(std::move(header));
    return 0;
}

// Pieces: the sign, the line, and where no line feed ends it git's words for that.
int take_line(void* context, mmbuffer_t* pieces, int count) {
    if (count < 2) return 0;
    Emission& emission = *static_cast<Emission*>(context);
    ComparedLine line;
    const char sign = *pieces[0].ptr;
    line.kind = sign == '+' ? LineKind::added : sign == '-' ? LineKind::deleted : LineKind::context;
    line.text = std::string_view(pieces[1].ptr, static_cast<std::size_t>(pieces[1].size));
    if (!line.text.empty() && line.text.back() == '\n') line.text.remove_suffix(1);
    line.without_newline = count > 2;
    if (line.kind != LineKind::added) line.old_number = emission.old_number++;
    if (line.kind != LineKind::deleted) line.new_number = emission.new_number++;
    emission.sink.add_line(line);
    return 0;
}

// xdiff does not write, but does not say so.
mmfile_t file_of(ByteView content) {
    mmfile_t file{};
    file.ptr = const_cast<char*>(reinterpret_cast<const char*>(content.data()));
    file.size = static_cast<long>(content.size());
    return file;
}

}  // namespace

Expected<void> compare_lines(ByteView before, ByteView after, LineDiffSink& sink) {
    mmfile_t old_file = file_of(before);
    mmfile_t new_file = file_of(after);
    xpparam_t how{};
    how.flags = XDF_INDENT_HEURISTIC;
    xdemitconf_t shown{};
    shown.ctxlen = kContextLines;
    shown.flags = XDL_EMIT_FUNCNAMES;
    Emission emission{sink};
    xdemitcb_t callbacks{};
    callbacks.priv = &emission;
    callbacks.out_hunk = take_hunk;
    callbacks.out_line = take_line;
    if (xdl_diff(&old_file, &new_file, &how, &shown, &callbacks) == 0) return {};
    return fail(ErrorCode::unavailable, "no memory to compare two files");
}

}  // namespace ashlar::git::browse
