#include "native/http/response_head.h"

#include "native/http/http_handler.h"

namespace ashlar::http {

namespace {

struct Reason {
    int status;
    std::string_view phrase;
};

constexpr Reason kReasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

void append_value(std::string& to, std::string_view value) {
    for (char character : value) {
        auto byte = static_cast<unsigned char>(character);
        to.push_back((byte < 0x20 && byte != '\t') || byte == 0x7f ? '?' : character);
    }
    to.append("\r\n");
}

bool is_framing(std::string_view name) {
    return name == "content-length" || name == "transfer-encoding" || name == "connection";
}

}  // namespace

std::string_view reason_phrase(int status) {
    for (const Reason& reason : kReasons) {
        if (reason.status == status) return reason.phrase;
    }
    return "Status";
}

std::string http_date(std::time_t time) {
    static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::tm parts{};
    gmtime_r(&time, &parts);
    auto two_digits = [](int number) {
        std::string text = std::to_string(number);
        return text.size() < 2 ? "0" + text : text;
    };
    return std::string(kDays[parts.tm_wday]) + ", " + two_digits(parts.tm_mday) + " " +
           kMonths[parts.tm_mon] + " " + std::to_string(parts.tm_year + 1900) + " " +
           two_digits(parts.tm_hour) + ":" + two_digits(parts.tm_min) + ":" +
           two_digits(parts.tm_sec) + " GMT";
}

std::string response_head(int status, const api::Headers& headers, const ResponseFrame& frame,
                          std::string_view date) {
    std::string head;
    head.reserve(256);
    head.append("HTTP/1.1 ").append(std::to_string(status)).append(" ");
    head.append(reason_phrase(status)).append("\r\nServer: ashlar\r\nDate: ");
    head.append(date).append("\r\n");
    for (const auto& [name, value] : headers) {
        if (is_framing(name)) continue;
        head.append(name).append(": ");
        append_value(head, value);
    }
    if (frame.framing == Framing::length) {
        head.append("Content-Length: ").append(std::to_string(frame.length)).append("\r\n");
    } else if (frame.framing == Framing::chunked) {
        head.append("Transfer-Encoding: chunked\r\n");
    }
    if (!frame.keep_alive) {
        head.append("Connection: close\r\n");
    } else if (frame.http_1_0) {
        head.append("Connection: keep-alive\r\n");
    }
    head.append("\r\n");
    return head;
}

HttpReply text_reply(int status, std::string_view text) {
    HttpReply reply;
    reply.response.status = status;
    reply.response.headers = {{"content-type", "text/plain; charset=utf-8"},
                              {"x-content-type-options", "nosniff"},
                              {"cache-control", "no-store"}};
    Bytes body = to_bytes(text);
    body.push_back('\n');
    reply.response.body = std::move(body);
    return reply;
}

}  // namespace ashlar::http
