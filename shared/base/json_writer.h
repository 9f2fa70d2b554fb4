// Writes JSON, piece by piece, without white space. Text is escaped, and what is not valid UTF-8 in
// it becomes U+FFFD: whatever comes in, JSON goes out. Nesting that does not fit is a bug of the
// caller's and asserts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ashlar {

class JsonWriter {
  public:
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    // Inside an object, before each value.
    JsonWriter& key(std::string_view name);

    JsonWriter& text(std::string_view value);
    JsonWriter& number(std::uint64_t value);
    JsonWriter& signed_number(std::int64_t value);
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    // A value that is JSON already.
    JsonWriter& raw(std::string_view json);

    JsonWriter& text(std::string_view name, std::string_view value) {
        return key(name).text(value);
    }
    JsonWriter& number(std::string_view name, std::uint64_t value) {
        return key(name).number(value);
    }
    JsonWriter& boolean(std::string_view name, bool value) { return key(name).boolean(value); }
    JsonWriter& null(std::string_view name) { return key(name).null(); }
    // The text, or null.
    JsonWriter& text_or_null(std::string_view name, const std::optional<std::string>& value);

    // The finished document; asserts that everything opened was closed.
    std::string take();

  private:
    enum class Place { first_value, next_value, first_key, next_key, value_of_key };

    void begin_value();
    void open(char bracket, Place inside);
    void close(char bracket, bool is_object);

    std::string out_;
    std::vector<Place> places_{Place::first_value};
};

// Appends the text as a quoted JSON string.
void append_json_string(std::string& to, std::string_view text);

}  // namespace ashlar
