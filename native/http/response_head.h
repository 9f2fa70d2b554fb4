// The head of an answer.
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

#include "api/request.h"

namespace ashlar::http {

enum class Framing { length, chunked, until_close, no_body };

struct ResponseFrame {
    Framing framing = Framing::length;
    std::uint64_t length = 0;
    bool keep_alive = true;
    bool http_1_0 = false;
};

std::string_view reason_phrase(int status);
// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(std::time_t time);

// Header names go out as given (lower-case is right in HTTP/1.1, too). Control characters in a
// value become '?': no value can end its line. Framing headers among `headers` are left out.
std::string response_head(int status, const api::Headers& headers, const ResponseFrame& frame,
                          std::string_view date);

}  // namespace ashlar::http
