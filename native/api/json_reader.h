// Reads a JSON document of a request, within bounds: size, depth, count; no duplicate keys, valid
// UTF-8. What comes out is plain values.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/expected.h"

namespace ashlar::native {

inline constexpr std::size_t kJsonBytesMax = 1 << 20;
inline constexpr std::size_t kJsonDepthMax = 16;
inline constexpr std::size_t kJsonValuesMax = 20'000;

struct JsonValue;
using JsonArray = std::vector<JsonValue>;
using JsonObject = std::map<std::string, JsonValue, std::less<>>;

struct JsonValue {
    // A number that fits neither integer is kept as a double.
    std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string, JsonArray,
                 JsonObject>
        value = nullptr;

    bool is_null() const { return std::holds_alternative<std::nullptr_t>(value); }
    const std::string* text() const { return std::get_if<std::string>(&value); }
    const bool* boolean() const { return std::get_if<bool>(&value); }
    const JsonArray* array() const { return std::get_if<JsonArray>(&value); }
    const JsonObject* object() const { return std::get_if<JsonObject>(&value); }
    std::optional<std::int64_t> integer() const;
};

// Fails with `invalid`, saying what is wrong, or with `limit_exceeded`.
Expected<JsonValue> read_json(ByteView document);

}  // namespace ashlar::native
