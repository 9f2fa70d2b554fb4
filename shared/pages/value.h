// What a template is filled with. Text is escaped when it is rendered; only `Html`, which code of
// ours has already made safe, is not: so a template cannot forget to escape.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace ashlar::pages {

struct Html {
    std::string text;
};

class Value {
  public:
    using List = std::vector<Value>;

    Value() = default;                                             // absent
    Value(bool truth) : content_(truth) {}                         // NOLINT: values convert
    Value(std::string text) : content_(std::move(text)) {}         // NOLINT
    Value(std::string_view text) : content_(std::string(text)) {}  // NOLINT
    Value(const char* text) : content_(std::string(text)) {}       // NOLINT
    Value(Html html) : content_(std::move(html)) {}                // NOLINT
    // A number would silently become a truth.
    template <typename Number>
        requires(std::is_integral_v<Number> && !std::is_same_v<Number, bool>)
    Value(Number) = delete;
    Value(List list) : content_(std::move(list)) {}  // NOLINT

    // Makes an object of an absent value. Names are string literals, so that they may be kept as
    // views. Returns the object, for chains of set().
    template <std::size_t size>
    Value& set(const char (&name)[size], Value value) {
        return set_field(std::string_view(name, size - 1), std::move(value));
    }

    // The field of an object; null where there is none or this is no object.
    const Value* find(std::string_view name) const;
    const std::string* text() const { return std::get_if<std::string>(&content_); }
    const Html* html() const { return std::get_if<Html>(&content_); }
    const List* list() const { return std::get_if<List>(&content_); }
    // Whether a section is shown: not for absent, false, an empty text or an empty list.
    bool truthy() const;

  private:
    // Side by side, for a struct of a name and a Value would be incomplete here.
    struct Object {
        std::vector<std::string_view> names;
        List values;
    };
    Value& set_field(std::string_view name, Value value);

    std::variant<std::monostate, bool, std::string, Html, List, Object> content_;
};

}  // namespace ashlar::pages
