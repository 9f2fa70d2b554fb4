#include "native/api/rest_fields.h"

namespace ashlar::native {

const JsonValue* RestFields::find(std::string_view name) const {
    auto found = body_.find(name);
    return found == body_.end() || found->second.is_null() ? nullptr : &found->second;
}

std::optional<std::string> RestFields::text(std::string_view name) {
    const JsonValue* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (const std::string* text = value->text()) return *text;
    refuse(name, std::string(name) + " must be a string");
    return std::nullopt;
}

std::string RestFields::required_text(std::string_view name) {
    std::size_t before = errors_.size();
    auto value = text(name);
    if ((!value || value->empty()) && errors_.size() == before) {
        errors_.push_back({resource_, std::string(name), "missing_field", ""});
    }
    return value.value_or("");
}

std::optional<bool> RestFields::boolean(std::string_view name) {
    const JsonValue* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (const bool* boolean = value->boolean()) return *boolean;
    refuse(name, std::string(name) + " must be true or false");
    return std::nullopt;
}

std::optional<std::vector<std::string>> RestFields::texts(std::string_view name) {
    const JsonValue* value = find(name);
    if (value == nullptr) return std::nullopt;
    std::vector<std::string> result;
    const JsonArray* array = value->array();
    bool valid = array != nullptr;
    for (std::size_t i = 0; valid && i < array->size(); ++i) {
        const std::string* text = (*array)[i].text();
        valid = text != nullptr;
        if (valid) result.push_back(*text);
    }
    if (valid) return result;
    refuse(name, std::string(name) + " must be a list of strings");
    return std::nullopt;
}

void RestFields::refuse(std::string_view name, std::string message) {
    errors_.push_back({resource_, std::string(name), "invalid", std::move(message)});
}

std::optional<api::Response> RestFields::refusal() const {
    if (errors_.empty()) return std::nullopt;
    return api::rest_error(422, "Validation Failed", errors_);
}

api::Response validation_failed(std::string resource, std::string field, std::string message) {
    return api::rest_error(422, "Validation Failed",
                           {{std::move(resource), std::move(field), "custom", std::move(message)}});
}

}  // namespace ashlar::native
