#include "base/json_writer.h"

#include <gtest/gtest.h>

#include "base/utf8.h"

namespace ashlar {
namespace {

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

TEST(JsonWriter, separates_members_and_elements_with_commas) {
    JsonWriter json;
    json.begin_object().text("login", "alice").number("id", 7).boolean("site_admin", false);
    json.null("email").key("list").begin_array().number(1).signed_number(-2).begin_object();
    json.end_object().end_array().key("rest").raw("[]").end_object();
    EXPECT_EQ(
        json.take(),
        R"({"login":"alice","id":7,"site_admin":false,"email":null,"list":[1,-2,{}],"rest":[]})");
}

TEST(JsonWriter, an_absent_text_is_null) {
    JsonWriter json;
    json.begin_object().text_or_null("a", std::nullopt).text_or_null("b", "x").end_object();
    EXPECT_EQ(json.take(), R"({"a":null,"b":"x"})");
}

TEST(JsonWriter, escapes_quotes_backslashes_and_controls) {
    EXPECT_EQ(quoted("a\"b\\c\n\r\t\x01\x7f"), R"("a\"b\\c\n\r\t\u0001\u007f")");
    EXPECT_EQ(quoted(std::string_view("\0", 1)), R"("\u0000")");
}

TEST(JsonWriter, keeps_valid_utf8_and_replaces_what_is_not) {
    EXPECT_EQ(quoted("\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x98"),
              "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x98\"");
    EXPECT_EQ(quoted("a\xff"), "\"a\xef\xbf\xbd\"");
    EXPECT_EQ(quoted("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");  // an overlong slash
    EXPECT_EQ(quoted("\xe2\x82"), "\"\xef\xbf\xbd\xef\xbf\xbd\"");  // cut off
}

TEST(Utf8, refuses_overlong_forms_surrogates_and_what_is_too_large) {
    EXPECT_TRUE(is_utf8("plain \xf4\x8f\xbf\xbf"));
    EXPECT_FALSE(is_utf8("\xc1\x81"));
    EXPECT_FALSE(is_utf8("\xe0\x80\xaf"));
    EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
    EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));
    EXPECT_FALSE(is_utf8("\x80"));
}

}  // namespace
}  // namespace ashlar
