#include "pages/value.h"

#include <algorithm>

#include "base/assert.h"

namespace ashlar::pages {

Value& Value::set_field(std::string_view name, Value value) {
    if (std::holds_alternative<std::monostate>(content_)) content_ = Object{};
    Object* object = std::get_if<Object>(&content_);
    ASHLAR_ASSERT(object != nullptr);
    const auto found = std::find(object->names.begin(), object->names.end(), name);
    if (found != object->names.end()) {
        object->values[static_cast<std::size_t>(found - object->names.begin())] = std::move(value);
    } else {
        object->names.push_back(name);
        object->values.push_back(std::move(value));
    }
    return *this;
}

const Value* Value::find(std::string_view name) const {
    const Object* object = std::get_if<Object>(&content_);
    if (object == nullptr) return nullptr;
    const auto found = std::find(object->names.begin(), object->names.end(), name);
    if (found == object->names.end()) return nullptr;
    return &object->values[static_cast<std::size_t>(found - object->names.begin())];
}

bool Value::truthy() const {
    if (const bool* truth = std::get_if<bool>(&content_)) return *truth;
    if (const std::string* plain = text()) return !plain->empty();
    if (const Html* safe = html()) return !safe->text.empty();
    if (const List* items = list()) return !items->empty();
    return !std::holds_alternative<std::monostate>(content_);
}

}  // namespace ashlar::pages
