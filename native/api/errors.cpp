#include "native/api/errors.h"

#include <cstdio>

#include "base/assert.h"

namespace ashlar::native {

int status_of(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid:
            return 400;
        case ErrorCode::not_found:
            return 404;
        case ErrorCode::already_exists:
            return 422;
        case ErrorCode::unauthenticated:
            return 401;
        case ErrorCode::forbidden:
            return 403;
        case ErrorCode::conflict:
            return 409;
        case ErrorCode::limit_exceeded:
            return 413;
        case ErrorCode::corrupt:
            return 500;
        case ErrorCode::unsupported:
            return 422;
        case ErrorCode::unavailable:
        case ErrorCode::needs_data:
            return 503;
    }
    ASHLAR_ASSERT(false);
    return 500;
}

std::string_view text_of(const Error& error) {
    return error.detail.empty() ? to_string(error.code) : std::string_view(error.detail);
}

std::string_view public_text_of(const Error& error) {
    if (error.code != ErrorCode::corrupt) return text_of(error);
    std::fprintf(stderr, "ashlar: %s\n", error.message().c_str());
    return "the server has found damaged data; its operator can read more in its log";
}

Error overload() {
    return {ErrorCode::unavailable, "the server is busy: try again in a few seconds"};
}

http::HttpReply git_error_reply(const Error& error) {
    http::HttpReply reply = http::text_reply(status_of(error.code), public_text_of(error));
    if (error.code == ErrorCode::unauthenticated) {
        reply.response.headers.emplace_back("www-authenticate", kChallenge);
    }
    if (error.code == ErrorCode::unavailable) {
        reply.response.headers.emplace_back("retry-after", kRetryAfterSeconds);
    }
    return reply;
}

}  // namespace ashlar::native
