#include "pages/value.h"

#include "base/assert.h"

namespace ashlar::pages {

Value& Value::set_field(std::string_view name, Value value) {
    if (std::holds_alternative<std::monostate>(content_)) content_ = Object{};
    Object* object = std::get_if<Object>(&content_);
    ASHLAR_ASSERT(object != nullptr);
    for (Field& field : *object) {
        if (field.name == name) {
            field.value = std::move(value);
            return *this;
        }
    }
    object->push_back({name, std::move(value)});
    return *this;
}

const Value* Value::find(std::string_view name) const {
    const Object* object = std::get_if<Object>(&content_);
    if (object == nullptr) return nullptr;
    for (const Field& field : *object) {
        if (field.name == name) return &field.value;
    }
    return nullptr;
}

bool Value::truthy() const {
    if (const bool* truth = std::get_if<bool>(&content_)) return *truth;
    if (const std::string* plain = text()) return !plain->empty();
    if (const Html* safe = html()) return !safe->text.empty();
    if (const List* items = list()) return !items->empty();
    return !std::holds_alternative<std::monostate>(content_);
}

}  // namespace ashlar::pages
