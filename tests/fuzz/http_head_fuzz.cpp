// The head of a request, and what addresses, queries and ranges in it are read as. What is taken
// can be read in one way only.
#include <algorithm>
#include <cstdlib>

#include "api/git_address.h"
#include "native/api/byte_range.h"
#include "native/http/request_head.h"

namespace {

using namespace ashlar;

constexpr std::size_t kHeadersMax = 100;
constexpr std::uint64_t kFileSize = 1000;

void check(bool holds) {
    if (!holds) std::abort();
}

std::string_view take_until(std::string_view& text, std::string_view end) {
    const std::size_t at = std::min(text.find(end), text.size());
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(std::min(text.size(), at + end.size()));
    return taken;
}

// As the server's parser takes it apart once its lines were found to be sound.
http::ParsedHead take_apart(std::string_view head) {
    http::ParsedHead parsed;
    std::string_view line = take_until(head, "\r\n");
    parsed.method = take_until(line, " ");
    parsed.target = take_until(line, " ");
    parsed.version_minor = line == "HTTP/1.0" ? 0 : 1;
    while (!head.empty()) {
        line = take_until(head, "\r\n");
        if (line.empty()) break;
        const std::string_view name = take_until(line, ":");
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        parsed.fields.emplace_back(name, line);
    }
    return parsed;
}

void check_head(const http::RequestHead& head) {
    check(!(head.chunked && head.content_length));
    const std::string& path = head.request.path;
    check(!path.empty() && path.front() == '/');
    const auto decoded = api::percent_decode(path);
    check(decoded && decoded->find('\0') == std::string::npos);
    check((*decoded + "/").find("/../") == std::string::npos);
    if (const auto address = api::parse_git_address(path)) {
        check(!address->owner.empty() && address->owner.find('/') == std::string::npos);
        check(!address->repository.empty() && address->repository.find('/') == std::string::npos);
    }
    static_cast<void>(api::parse_query(head.request.query));
    const auto range = head.request.header("range");
    if (!range) return;
    const auto asked = native::parse_range(*range, kFileSize);
    if (asked.kind != native::RangeKind::part) return;
    check(asked.range.length > 0 && asked.range.first < kFileSize);
    check(asked.range.length <= kFileSize - asked.range.first);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view head = as_text(ByteView(data, size));
    if (http::check_raw_head(head)) return 0;
    const auto read = http::interpret_head(take_apart(head), kHeadersMax);
    if (const auto* taken = std::get_if<http::RequestHead>(&read)) {
        check_head(*taken);
    } else {
        check(std::get<http::HeadRefusal>(read).status >= 400);
    }
    return 0;
}
