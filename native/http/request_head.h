// What a request's head may look like. Whatever two parsers could read in two ways (smuggling:
// RFC 9112, section 11.2) is refused with one clear 4xx, and the connection is closed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "api/request.h"

namespace ashlar::http {

inline constexpr std::size_t kTargetBytesMax = 8 << 10;

struct HeadRefusal {
    int status = 400;
    std::string text;
    std::string allow;  // for 405: the value of the Allow header
};

// Looks at the bytes up to and including the empty line, before any parser does: bare CR or LF, NUL
// and other control characters, folded lines, space before a colon or at a line's beginning.
std::optional<HeadRefusal> check_raw_head(std::string_view head);

// The parsed start line and fields, in order, names as sent.
struct ParsedHead {
    std::string_view method;
    std::string_view target;
    int version_minor = 1;  // HTTP/1.x
    std::vector<std::pair<std::string_view, std::string_view>> fields;
};

struct RequestHead {
    api::Request request;  // without its body
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool gzipped = false;
    bool keep_alive = true;
    bool expects_continue = false;
    bool http_1_0 = false;

    bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

std::variant<RequestHead, HeadRefusal> interpret_head(const ParsedHead& parsed,
                                                      std::size_t header_count_max);

}  // namespace ashlar::http
