#include "native/api/json_reader.h"

#include <gtest/gtest.h>

namespace ashlar::native {
namespace {

ErrorCode code_of(std::string_view document) {
    auto value = read_json(as_bytes(document));
    EXPECT_FALSE(value) << document;
    return value ? ErrorCode::corrupt : value.error().code;
}

TEST(JsonReader, reads_every_kind_of_value) {
    auto value = read_json(as_bytes(
        R"( {"a":null,"b":true,"c":-1,"d":18446744073709551615,"e":1.5,"f":"x\u00e9","g":[1,[]]} )"));
    ASSERT_TRUE(value);
    const JsonObject& object = *value->object();
    EXPECT_TRUE(object.at("a").is_null());
    EXPECT_TRUE(*object.at("b").boolean());
    EXPECT_EQ(object.at("c").integer(), -1);
    EXPECT_EQ(std::get<std::uint64_t>(object.at("d").value), 18446744073709551615u);
    EXPECT_EQ(std::get<double>(object.at("e").value), 1.5);
    EXPECT_EQ(*object.at("f").text(), "x\xc3\xa9");
    EXPECT_EQ(object.at("g").array()->size(), 2u);
}

TEST(JsonReader, refuses_what_is_no_json) {
    for (std::string_view document :
         {"", " ", "{", "{}x", "{\"a\":1,}", "[1 2]", "nul", "'a'", "{\"a\":01}", "\"\x01\"",
          "\"\xff\"", "\"\\ud800\"", "1e999", "{\"a\":1 /* */}"}) {
        EXPECT_EQ(code_of(document), ErrorCode::invalid) << document;
    }
}

TEST(JsonReader, refuses_duplicate_keys) {
    EXPECT_EQ(code_of(R"({"a":1,"\u0061":2})"), ErrorCode::invalid);
}

TEST(JsonReader, bounds_depth_count_and_size) {
    std::string fits = std::string(kJsonDepthMax - 1, '[') + std::string(kJsonDepthMax - 1, ']');
    EXPECT_TRUE(read_json(as_bytes(fits)));
    EXPECT_EQ(code_of(std::string(100'000, '[') + std::string(100'000, ']')),
              ErrorCode::limit_exceeded);
    std::string many = "[0";
    for (std::size_t i = 0; i < kJsonValuesMax; ++i) many += ",0";
    EXPECT_EQ(code_of(many + "]"), ErrorCode::limit_exceeded);
    EXPECT_EQ(code_of('"' + std::string(kJsonBytesMax, 'x') + '"'), ErrorCode::limit_exceeded);
}

}  // namespace
}  // namespace ashlar::native
