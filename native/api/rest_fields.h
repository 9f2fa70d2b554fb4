// Members of a request's JSON body, with the errors that GitHub's clients expect (422, `errors`).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/rest_shapes.h"
#include "native/api/json_reader.h"

namespace ashlar::native {

// Reads members and notes what is wrong with them.
class RestFields {
  public:
    RestFields(const JsonObject& body, std::string resource)
        : body_(body), resource_(std::move(resource)) {}

    // Absent and null are the same.
    std::optional<std::string> text(std::string_view name);
    std::string required_text(std::string_view name);
    std::optional<bool> boolean(std::string_view name);
    std::optional<std::vector<std::string>> texts(std::string_view name);
    // Notes that the value is not acceptable.
    void refuse(std::string_view name, std::string message);

    // The 422 answer, where anything was wrong.
    std::optional<api::Response> refusal() const;

  private:
    const JsonValue* find(std::string_view name) const;

    const JsonObject& body_;
    std::string resource_;
    std::vector<api::RestFieldError> errors_;
};

// A refusal of the rules as GitHub tells it: 422 with one entry in `errors`.
api::Response validation_failed(std::string resource, std::string field, std::string message);

}  // namespace ashlar::native
