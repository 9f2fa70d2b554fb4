#include "pages/text.h"

#include <gtest/gtest.h>

namespace ashlar::pages {
namespace {

TEST(VisibleText, keeps_letters_of_every_script_and_emoji) {
    EXPECT_EQ(visible_name("na\u00efve \u65e5\u672c \U0001f468\u200d\U0001f469"),
              "na\u00efve \u65e5\u672c \U0001f468\u200d\U0001f469");
}

TEST(VisibleText, shows_invalid_bytes_as_escapes) {
    EXPECT_EQ(visible_name("a\xff z"), "a\\xff z");
    EXPECT_EQ(visible_name("\xc0\xaf"), "\\xc0\\xaf");                    // overlong
    EXPECT_EQ(visible_name("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // a surrogate
    EXPECT_EQ(visible_name("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
    EXPECT_EQ(visible_name("\xe2\x82"), "\\xe2\\x82");                    // cut short
}

TEST(VisibleText, shows_controls_and_bidirectional_overrides_as_escapes) {
    EXPECT_EQ(visible_name("a\x1b[31m"), "a\\u{1b}[31m");
    EXPECT_EQ(visible_name("evil\u202egpj.exe"), "evil\\u{202e}gpj.exe");
    EXPECT_EQ(visible_name("a\u2066b\ufeff\u200b"), "a\\u{2066}b\\u{feff}\\u{200b}");
    EXPECT_EQ(visible_name("a\nb\tc"), "a\\u{0a}b\tc");
    EXPECT_EQ(visible_name(std::string_view("\0", 1)), "\\u{00}");
}

TEST(VisibleText, keeps_line_feeds_where_asked_and_drops_the_return_before_them) {
    EXPECT_EQ(visible_text("a\r\nb\rc\n", LineBreaks::keep), "a\nb\\u{0d}c\n");
}

TEST(VisibleText, every_byte_gives_text_without_control_characters) {
    for (int byte = 0; byte < 256; ++byte) {
        std::string shown = visible_name(std::string(1, static_cast<char>(byte)));
        for (char character : shown) {
            auto value = static_cast<unsigned char>(character);
            EXPECT_TRUE((value >= 0x20 && value < 0x7f) || value == '\t') << byte;
        }
    }
}

TEST(Escaping, covers_elements_and_attributes) {
    EXPECT_EQ(escape_html("<a href=\"x\" b='y'>&"),
              "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
}

TEST(Addresses, are_percent_encoded_byte_by_byte) {
    EXPECT_EQ(encode_segment("a/b c?#%\xff"), "a%2Fb%20c%3F%23%25%FF");
    EXPECT_EQ(encode_path("dir/<x>&.txt"), "dir/%3Cx%3E%26.txt");
}

TEST(Figures, read_well) {
    EXPECT_EQ(human_size(0), "0 bytes");
    EXPECT_EQ(human_size(1), "1 byte");
    EXPECT_EQ(human_size(999), "999 bytes");
    EXPECT_EQ(human_size(1400), "1.4 KB");
    EXPECT_EQ(human_size(123'456), "123 KB");
    EXPECT_EQ(human_size(999'999), "999 KB");
    EXPECT_EQ(human_size(1'000'000), "1.0 MB");
    EXPECT_EQ(human_count(0), "0");
    EXPECT_EQ(human_count(999), "999");
    EXPECT_EQ(human_count(1234567), "1,234,567");
}

TEST(Dates, agree_with_the_calendar) {
    EXPECT_EQ(iso_time(0, 0), "1970-01-01T00:00:00+00:00");
    EXPECT_EQ(iso_time(1'709'210'096, 60), "2024-02-29T13:34:56+01:00");
    EXPECT_EQ(short_date(1'709'210'096, 0), "29 Feb 2024");
    EXPECT_EQ(readable_time(1'709'210'096, -330), "2024-02-29 07:04 -0530");
    EXPECT_EQ(short_date(-1, 0), "31 Dec 1969");
}

TEST(Dates, hold_hostile_times_at_their_limits) {
    EXPECT_EQ(short_date(INT64_MAX, 0), "31 Dec 9999");
    EXPECT_EQ(short_date(INT64_MIN, 0), "1 Jan 0");
    EXPECT_EQ(iso_time(0, 99999), "1970-01-01T00:00:00+00:00");
}

TEST(CutText, never_cuts_a_code_point) {
    EXPECT_EQ(cut_text("a\u00e9b", 2), "a");
    EXPECT_EQ(cut_text("a\u00e9b", 3), "a\u00e9");
    EXPECT_EQ(cut_text("ab", 9), "ab");
}

}  // namespace
}  // namespace ashlar::pages
