#include "native/http/request_head.h"

#include <algorithm>
#include <charconv>

namespace ashlar::http {

namespace {

HeadRefusal refuse(int status, std::string text) {
    return {status, std::move(text), {}};
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& character : lower) {
        if (character >= 'A' && character <= 'Z') character = static_cast<char>(character + 32);
    }
    return lower;
}

bool is_control(char character) {
    auto byte = static_cast<unsigned char>(character);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

std::optional<HeadRefusal> check_line(std::string_view line, bool is_start_line) {
    for (char character : line) {
        if (is_control(character)) {
            return refuse(400, "a control character in the head of the request");
        }
    }
    if (line.front() == ' ' || line.front() == '\t') {
        return refuse(
            400, is_start_line ? "the request line begins with a space" : "a folded header line");
    }
    if (is_start_line) return std::nullopt;
    std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) {
        return refuse(400, "a header line without a name and a colon");
    }
    if (line[colon - 1] == ' ' || line[colon - 1] == '\t') {
        return refuse(400, "a space before the colon of a header");
    }
    return std::nullopt;
}

std::optional<HeadRefusal> check_method(std::string_view method) {
    static constexpr std::string_view kServed[] = {"GET",   "HEAD",   "POST",   "PUT",
                                                   "PATCH", "DELETE", "OPTIONS"};
    if (std::find(std::begin(kServed), std::end(kServed), method) != std::end(kServed)) {
        return std::nullopt;
    }
    if (method == "TRACE" || method == "CONNECT") {
        return HeadRefusal{405, "the method " + std::string(method) + " is not served",
                           "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"};
    }
    return refuse(501, "an unknown method");
}

// Whether some part of a decoded path, by either slash, is "." or "..".
bool has_dot_segment(std::string_view path) {
    while (!path.empty()) {
        std::size_t end = std::min(path.find_first_of("/\\"), path.size());
        std::string_view segment = path.substr(0, end);
        if (segment == "." || segment == "..") return true;
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return false;
}

std::optional<HeadRefusal> check_target(std::string_view target) {
    if (target.size() > kTargetBytesMax) return refuse(414, "the address is too long");
    if (target.empty() || target.front() != '/') {
        return refuse(400, "the request's target must be a path that begins with '/'");
    }
    for (char character : target) {
        auto byte = static_cast<unsigned char>(character);
        if (byte <= 0x20 || byte >= 0x7f || character == '#') {
            return refuse(400, "a character in the address that must be percent-encoded");
        }
    }
    auto path = api::percent_decode(target.substr(0, target.find('?')));
    if (!path) return refuse(400, path.error().detail);
    if (has_dot_segment(*path)) return refuse(400, "'.' or '..' as a part of the address");
    return std::nullopt;
}

// Calls `visit` with each element of a comma-separated list, lower-case.
template <typename Visit>
void for_each_element(std::string_view list, Visit visit) {
    while (!list.empty()) {
        std::size_t comma = std::min(list.find(','), list.size());
        std::string_view element = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        while (!element.empty() && (element.front() == ' ' || element.front() == '\t')) {
            element.remove_prefix(1);
        }
        while (!element.empty() && (element.back() == ' ' || element.back() == '\t')) {
            element.remove_suffix(1);
        }
        if (!element.empty()) visit(lower_case(element));
    }
}

struct FieldReader {
    RequestHead head;
    std::optional<HeadRefusal> refusal;
    int host_count = 0;
    bool connection_close = false;
    bool connection_keep_alive = false;

    void read(const std::string& name, std::string_view value);
    void read_length(std::string_view value);
    void read_connection(std::string_view value);
};

void FieldReader::read(const std::string& name, std::string_view value) {
    if (name == "host") {
        ++host_count;
    } else if (name == "content-length") {
        read_length(value);
    } else if (name == "transfer-encoding") {
        if (head.chunked) {
            refusal = refuse(400, "two Transfer-Encoding headers");
        } else if (lower_case(value) != "chunked") {
            refusal = refuse(501, "the only Transfer-Encoding served is chunked");
        }
        head.chunked = true;
    } else if (name == "content-encoding") {
        std::string encoding = lower_case(value);
        if (head.gzipped) {
            refusal = refuse(415, "the body is encoded more than once");
        } else if (encoding == "gzip" || encoding == "x-gzip") {
            head.gzipped = true;
        } else if (encoding != "identity" && !encoding.empty()) {
            refusal = refuse(415, "the only Content-Encoding served is gzip");
        }
    } else if (name == "expect") {
        if (lower_case(value) == "100-continue") {
            head.expects_continue = true;
        } else {
            refusal = refuse(417, "the only expectation served is 100-continue");
        }
    } else if (name == "connection") {
        read_connection(value);
    }
}

void FieldReader::read_length(std::string_view value) {
    std::uint64_t length = 0;
    const char* end = value.data() + value.size();
    auto parsed = std::from_chars(value.data(), end, length);
    if (value.empty() || parsed.ec != std::errc() || parsed.ptr != end) {
        refusal = refuse(400, "a Content-Length that is not a number");
    } else if (head.content_length) {
        refusal = refuse(400, "two Content-Length headers");
    }
    head.content_length = length;
}

void FieldReader::read_connection(std::string_view value) {
    for_each_element(value, [this](const std::string& option) {
        if (option == "close") connection_close = true;
        if (option == "keep-alive") connection_keep_alive = true;
    });
}

std::optional<HeadRefusal> check_together(const FieldReader& reader) {
    const RequestHead& head = reader.head;
    if (reader.refusal) return reader.refusal;
    if (reader.host_count > 1) return refuse(400, "two Host headers");
    if (reader.host_count == 0 && !head.http_1_0) return refuse(400, "the Host header is missing");
    if (head.chunked && head.content_length) {
        return refuse(400, "both a Content-Length and a Transfer-Encoding");
    }
    if (head.chunked && head.http_1_0) return refuse(400, "a Transfer-Encoding in HTTP/1.0");
    return std::nullopt;
}

}  // namespace

std::optional<HeadRefusal> check_raw_head(std::string_view head) {
    bool is_start_line = true;
    while (!head.empty()) {
        std::size_t end = head.find('\n');
        if (end == std::string_view::npos || end == 0 || head[end - 1] != '\r') {
            return refuse(400, "a line of the head does not end with CR LF");
        }
        std::string_view line = head.substr(0, end - 1);
        head.remove_prefix(end + 1);
        if (line.empty()) break;
        if (auto refusal = check_line(line, is_start_line)) return refusal;
        is_start_line = false;
    }
    if (!head.empty() || is_start_line) return refuse(400, "an empty request line");
    return std::nullopt;
}

std::variant<RequestHead, HeadRefusal> interpret_head(const ParsedHead& parsed,
                                                      std::size_t header_count_max) {
    if (auto refusal = check_method(parsed.method)) return *refusal;
    if (auto refusal = check_target(parsed.target)) return *refusal;
    if (parsed.fields.size() > header_count_max) return refuse(431, "too many headers");

    FieldReader reader;
    reader.head.http_1_0 = parsed.version_minor == 0;
    api::Request& request = reader.head.request;
    request.method = parsed.method;
    std::size_t question = parsed.target.find('?');
    request.path = parsed.target.substr(0, question);
    if (question != std::string_view::npos) request.query = parsed.target.substr(question + 1);
    request.headers.reserve(parsed.fields.size());
    for (const auto& [name, value] : parsed.fields) {
        request.headers.emplace_back(lower_case(name), value);
        reader.read(request.headers.back().first, value);
    }
    if (auto refusal = check_together(reader)) return *refusal;
    reader.head.keep_alive = reader.head.http_1_0
                                 ? reader.connection_keep_alive && !reader.connection_close
                                 : !reader.connection_close;
    return std::move(reader.head);
}

}  // namespace ashlar::http
