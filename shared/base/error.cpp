#include "base/error.h"

#include "base/assert.h"

namespace ashlar {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
            return "invalid";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::already_exists:
            return "already_exists";
        case ErrorCode::unauthenticated:
            return "unauthenticated";
        case ErrorCode::forbidden:
            return "forbidden";
        case ErrorCode::conflict:
            return "conflict";
        case ErrorCode::limit_exceeded:
            return "limit_exceeded";
        case ErrorCode::corrupt:
            return "corrupt";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::unavailable:
            return "unavailable";
        case ErrorCode::needs_data:
            return "needs_data";
    }
    ASHLAR_ASSERT(false);
    return {};
}

std::string Error::message() const {
    std::string text(to_string(code));
    if (!detail.empty()) text.append(": ").append(detail);
    return text;
}

}  // namespace ashlar
