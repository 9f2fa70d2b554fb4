// Errors as people see them: the HTTP status for a code, and short plain texts, which git prints.
#pragma once

#include <string_view>

#include "base/error.h"
#include "native/http/http_handler.h"

namespace ashlar::native {

int status_of(ErrorCode code);

// What git is told: plain text, with WWW-Authenticate on a 401.
http::HttpReply git_error_reply(const Error& error);

// The detail, or what the code means where there is none.
std::string_view text_of(const Error& error);

// What strangers may read: the detail of what is wrong on this side goes to the log alone.
std::string_view public_text_of(const Error& error);

// Too many requests are under way.
Error overload();

// After which trying again may help, where an answer says `unavailable`.
inline constexpr std::string_view kRetryAfterSeconds = "5";

inline constexpr std::string_view kChallenge = "Basic realm=\"Ashlar\", charset=\"UTF-8\"";

}  // namespace ashlar::native
