#include "base/json_writer.h"

#include <utility>

#include "base/assert.h"
#include "base/utf8.h"

namespace ashlar {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

void append_escaped(std::string& to, char character) {
    static constexpr char kDigits[] = "0123456789abcdef";
    switch (character) {
        case '"':
            to.append("\\\"");
            return;
        case '\\':
            to.append("\\\\");
            return;
        case '\n':
            to.append("\\n");
            return;
        case '\r':
            to.append("\\r");
            return;
        case '\t':
            to.append("\\t");
            return;
        default:
            break;
    }
    auto byte = static_cast<unsigned char>(character);
    if (byte >= 0x20 && byte != 0x7f) {
        to.push_back(character);
        return;
    }
    to.append("\\u00");
    to.push_back(kDigits[byte >> 4]);
    to.push_back(kDigits[byte & 15]);
}

}  // namespace

void append_json_string(std::string& to, std::string_view text) {
    to.push_back('"');
    while (!text.empty()) {
        auto byte = static_cast<unsigned char>(text.front());
        if (byte < 0x80) {
            append_escaped(to, text.front());
            text.remove_prefix(1);
            continue;
        }
        std::size_t length = utf8_sequence_length(text);
        to.append(length == 0 ? kReplacement : text.substr(0, length));
        text.remove_prefix(length == 0 ? 1 : length);
    }
    to.push_back('"');
}

void JsonWriter::begin_value() {
    Place& place = places_.back();
    ASHLAR_ASSERT(place != Place::first_key && place != Place::next_key);
    if (place == Place::next_value) {
        ASHLAR_ASSERT(places_.size() > 1);  // one document has one value
        out_.push_back(',');
    }
    place = place == Place::value_of_key ? Place::next_key : Place::next_value;
}

void JsonWriter::open(char bracket, Place inside) {
    begin_value();
    out_.push_back(bracket);
    places_.push_back(inside);
}

void JsonWriter::close(char bracket, bool is_object) {
    Place place = places_.back();
    bool inside_object = place == Place::first_key || place == Place::next_key;
    ASHLAR_ASSERT(places_.size() > 1 && inside_object == is_object && place != Place::value_of_key);
    places_.pop_back();
    out_.push_back(bracket);
}

JsonWriter& JsonWriter::begin_object() {
    open('{', Place::first_key);
    return *this;
}

JsonWriter& JsonWriter::end_object() {
    close('}', true);
    return *this;
}

JsonWriter& JsonWriter::begin_array() {
    open('[', Place::first_value);
    return *this;
}

JsonWriter& JsonWriter::end_array() {
    close(']', false);
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    Place& place = places_.back();
    ASHLAR_ASSERT(place == Place::first_key || place == Place::next_key);
    if (place == Place::next_key) out_.push_back(',');
    append_json_string(out_, name);
    out_.push_back(':');
    place = Place::value_of_key;
    return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
    begin_value();
    append_json_string(out_, value);
    return *this;
}

JsonWriter& JsonWriter::number(std::uint64_t value) {
    begin_value();
    out_.append(std::to_string(value));
    return *this;
}

JsonWriter& JsonWriter::signed_number(std::int64_t value) {
    begin_value();
    out_.append(std::to_string(value));
    return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
    begin_value();
    out_.append(value ? "true" : "false");
    return *this;
}

JsonWriter& JsonWriter::null() {
    begin_value();
    out_.append("null");
    return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    begin_value();
    out_.append(json);
    return *this;
}

JsonWriter& JsonWriter::text_or_null(std::string_view name,
                                     const std::optional<std::string>& value) {
    key(name);
    return value ? text(*value) : null();
}

std::string JsonWriter::take() {
    ASHLAR_ASSERT(places_.size() == 1 && places_.back() == Place::next_value);
    places_.assign(1, Place::first_value);
    return std::exchange(out_, {});
}

}  // namespace ashlar
