// What stands in a response.
#pragma once

#include <string>

#include "api/request.h"

namespace ashlar::api {

// The first of that name; empty where there is none.
inline std::string header(const Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return {};
}

// Of a response that came whole.
inline std::string body(const Response& response) {
    return std::string(as_text(std::get<Bytes>(response.body)));
}

}  // namespace ashlar::api
