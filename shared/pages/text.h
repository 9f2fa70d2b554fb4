// Text of users, made fit for HTML and for addresses. Git's names and messages are bytes: what is
// not UTF-8, and what would hide or turn around text, is shown as an escape.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ashlar::pages {

enum class LineBreaks : std::uint8_t { escape, keep };

// UTF-8 that shows what is there: invalid bytes become "\xff", control characters, bidirectional
// overrides and other invisible code points become "\u{202e}". Tabs are kept, and line feeds where
// the caller says so (a carriage return before a kept line feed is dropped).
std::string visible_text(std::string_view bytes, LineBreaks line_breaks);
inline std::string visible_name(std::string_view bytes) {
    return visible_text(bytes, LineBreaks::escape);
}

// & < > " ' as entities: fit for element content and quoted attributes.
std::string escape_html(std::string_view text);
void append_escaped_html(std::string& to, std::string_view text);

// Percent-encodes every byte but letters, digits and "-._~"; a path keeps its slashes too.
std::string encode_segment(std::string_view bytes);
std::string encode_path(std::string_view bytes);

// "1.4 KB", powers of 1000 as file managers have them; "312 bytes".
std::string human_size(std::uint64_t bytes);
// "1,234,567"
std::string human_count(std::uint64_t count);

struct CivilTime {
    std::int64_t year = 1970;
    unsigned month = 1;  // 1 to 12
    unsigned day = 1;
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
};
// Of a Unix time, in UTC moved by the offset; years outside 0 to 9999 are held at these.
CivilTime civil_time(std::int64_t unix_s, int offset_minutes);
std::string short_date(std::int64_t unix_s, int offset_minutes);     // "21 Nov 2026"
std::string iso_time(std::int64_t unix_s, int offset_minutes);       // "2026-11-21T10:00:00+01:00"
std::string readable_time(std::int64_t unix_s, int offset_minutes);  // "2026-11-21 10:00 +0100"

// At most `bytes_max` bytes, cut between code points (of valid UTF-8).
std::string_view cut_text(std::string_view text, std::size_t bytes_max);

}  // namespace ashlar::pages
