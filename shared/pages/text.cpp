#include "pages/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace ashlar::pages {

namespace {

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t length = 0;  // 0: the bytes here are not UTF-8
};

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
CodePoint decode_utf8(std::string_view bytes) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    unsigned char first = byte(0);
    if (first < 0x80) return {first, 1};
    std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || bytes.size() < length) return {};
    std::uint32_t value = first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {};
        value = (value << 6) | (byte(i) & 0x3fU);
    }
    static constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    if (value < kSmallest[length] || value > 0x10ffff) return {};
    if (value >= 0xd800 && value <= 0xdfff) return {};
    return {value, length};
}

// Unicode's Cc, its bidirectional controls, and what has no width and is not needed to join
// letters or emoji (the joiners U+200C, U+200D and variation selectors stay).
bool is_hidden(std::uint32_t code_point) {
    static constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 12> kHidden{
        {{0x00, 0x1f},
         {0x7f, 0x9f},
         {0xad, 0xad},
         {0x61c, 0x61c},
         {0x180e, 0x180e},
         {0x200b, 0x200b},
         {0x200e, 0x200f},
         {0x2028, 0x202e},
         {0x2060, 0x206f},
         {0xfeff, 0xfeff},
         {0xfff9, 0xfffb},
         {0xe0000, 0xe007f}}};
    return std::any_of(kHidden.begin(), kHidden.end(), [&](const auto& range) {
        return code_point >= range.first && code_point <= range.second;
    });
}

void append_hex(std::string& to, std::uint32_t value, int digits_min) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string digits;
    for (; value != 0 || static_cast<int>(digits.size()) < digits_min; value >>= 4) {
        digits.push_back(kDigits[value & 15]);
    }
    to.append(digits.rbegin(), digits.rend());
}

void append_percent(std::string& to, char byte) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    auto value = static_cast<unsigned char>(byte);
    to.push_back('%');
    to.push_back(kDigits[value >> 4]);
    to.push_back(kDigits[value & 15]);
}

bool is_unreserved(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '-' || character == '.' ||
           character == '_' || character == '~';
}

void append_padded(std::string& to, std::uint64_t value, std::size_t width) {
    std::string digits = std::to_string(value);
    if (digits.size() < width) to.append(width - digits.size(), '0');
    to.append(digits);
}

void append_offset(std::string& to, int offset_minutes, std::string_view separator) {
    to.push_back(offset_minutes < 0 ? '-' : '+');
    auto minutes =
        static_cast<std::uint64_t>(offset_minutes < 0 ? -offset_minutes : offset_minutes);
    append_padded(to, minutes / 60, 2);
    to.append(separator);
    append_padded(to, minutes % 60, 2);
}

void append_date(std::string& to, const CivilTime& time) {
    append_padded(to, static_cast<std::uint64_t>(time.year), 4);
    to.push_back('-');
    append_padded(to, time.month, 2);
    to.push_back('-');
    append_padded(to, time.day, 2);
}

// No real zone is further than 14 hours from UTC; git objects may claim anything.
int real_offset(int offset_minutes) {
    return offset_minutes < -14 * 60 || offset_minutes > 14 * 60 ? 0 : offset_minutes;
}

}  // namespace

std::string visible_text(std::string_view bytes, LineBreaks line_breaks) {
    std::string text;
    text.reserve(bytes.size());
    const bool keep = line_breaks == LineBreaks::keep;
    for (std::size_t i = 0; i < bytes.size();) {
        CodePoint point = decode_utf8(bytes.substr(i));
        if (point.length == 0) {
            text.append("\\x");
            append_hex(text, static_cast<unsigned char>(bytes[i]), 2);
            ++i;
            continue;
        }
        bool kept = point.value == '\t' || (point.value == '\n' && keep);
        bool dropped = point.value == '\r' && keep && bytes.substr(i, 2) == "\r\n";
        if (kept || !is_hidden(point.value)) {
            text.append(bytes.substr(i, point.length));
        } else if (!dropped) {
            text.append("\\u{");
            append_hex(text, point.value, 2);
            text.push_back('}');
        }
        i += point.length;
    }
    return text;
}

void append_escaped_html(std::string& to, std::string_view text) {
    for (;;) {
        std::size_t end = text.find_first_of("&<>\"'");
        to.append(text.substr(0, end));
        if (end == std::string_view::npos) return;
        switch (text[end]) {
            case '&':
                to.append("&amp;");
                break;
            case '<':
                to.append("&lt;");
                break;
            case '>':
                to.append("&gt;");
                break;
            case '"':
                to.append("&quot;");
                break;
            default:
                to.append("&#39;");
        }
        text.remove_prefix(end + 1);
    }
}

std::string escape_html(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size() + text.size() / 16);
    append_escaped_html(escaped, text);
    return escaped;
}

std::string encode_segment(std::string_view bytes) {
    std::string encoded;
    for (char byte : bytes) {
        if (is_unreserved(byte)) {
            encoded.push_back(byte);
        } else {
            append_percent(encoded, byte);
        }
    }
    return encoded;
}

std::string encode_path(std::string_view bytes) {
    std::string encoded;
    for (char byte : bytes) {
        if (is_unreserved(byte) || byte == '/') {
            encoded.push_back(byte);
        } else {
            append_percent(encoded, byte);
        }
    }
    return encoded;
}

std::string human_size(std::uint64_t bytes) {
    if (bytes == 1) return "1 byte";
    if (bytes < 1000) return std::to_string(bytes) + " bytes";
    static constexpr std::array<std::string_view, 6> kUnits{"KB", "MB", "GB", "TB", "PB", "EB"};
    std::size_t unit = 0;
    std::uint64_t whole = bytes;
    while (whole >= 1'000'000 && unit + 1 < kUnits.size()) {
        whole /= 1000;
        ++unit;
    }
    std::string text = std::to_string(whole / 1000);
    if (whole < 100'000) text.append(".").append(std::to_string(whole % 1000 / 100));
    return text.append(" ").append(kUnits[unit]);
}

std::string human_count(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (std::size_t i = text.size(); i > 3;) {
        i -= 3;
        text.insert(i, ",");
    }
    return text;
}

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
CivilTime civil_time(std::int64_t unix_s, int offset_minutes) {
    static constexpr std::int64_t kFirst = -62'167'219'200;  // 0000-01-01
    static constexpr std::int64_t kLast = 253'402'300'799;   // 9999-12-31T23:59:59
    std::int64_t clamped = std::clamp(unix_s, kFirst, kLast);
    std::int64_t local = std::clamp(clamped + real_offset(offset_minutes) * 60, kFirst, kLast);
    std::int64_t second_of_day = ((local % 86400) + 86400) % 86400;
    std::int64_t days = (local - second_of_day) / 86400 + 719468;
    std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    std::int64_t day_of_era = days - era * 146097;
    std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    CivilTime time;
    time.day = static_cast<unsigned>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    time.month = static_cast<unsigned>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    time.year = year_of_era + era * 400 + (time.month <= 2 ? 1 : 0);
    time.hour = static_cast<unsigned>(second_of_day / 3600);
    time.minute = static_cast<unsigned>(second_of_day / 60 % 60);
    time.second = static_cast<unsigned>(second_of_day % 60);
    return time;
}

std::string short_date(std::int64_t unix_s, int offset_minutes) {
    static constexpr std::array<std::string_view, 12> kMonths{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    CivilTime time = civil_time(unix_s, offset_minutes);
    std::string text = std::to_string(time.day);
    text.append(" ").append(kMonths[time.month - 1]).append(" ");
    return text.append(std::to_string(time.year));
}

std::string iso_time(std::int64_t unix_s, int offset_minutes) {
    CivilTime time = civil_time(unix_s, offset_minutes);
    std::string text;
    append_date(text, time);
    text.push_back('T');
    append_padded(text, time.hour, 2);
    text.push_back(':');
    append_padded(text, time.minute, 2);
    text.push_back(':');
    append_padded(text, time.second, 2);
    append_offset(text, real_offset(offset_minutes), ":");
    return text;
}

std::string readable_time(std::int64_t unix_s, int offset_minutes) {
    CivilTime time = civil_time(unix_s, offset_minutes);
    std::string text;
    append_date(text, time);
    text.push_back(' ');
    append_padded(text, time.hour, 2);
    text.push_back(':');
    append_padded(text, time.minute, 2);
    text.push_back(' ');
    append_offset(text, real_offset(offset_minutes), "");
    return text;
}

std::string_view cut_text(std::string_view text, std::size_t bytes_max) {
    if (text.size() <= bytes_max) return text;
    std::size_t end = bytes_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    return text.substr(0, end);
}

}  // namespace ashlar::pages
