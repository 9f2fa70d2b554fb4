// The header lines of commits and tags, taken off one by one.
#pragma once

#include <optional>
#include <string_view>

#include "git/object/object_id.h"

namespace ashlar::git {

// The rest of the line behind "<key> ", and the text moves behind its newline; nothing, and the
// text stays, where it does not begin with the key or the line has no end.
std::optional<std::string_view> take_header_line(std::string_view& text, std::string_view key);

// An id that is exactly 40 hexadecimal digits.
std::optional<ObjectId> parse_hex_id(std::string_view text);

}  // namespace ashlar::git
