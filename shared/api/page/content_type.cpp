#include "api/page/content_type.h"

#include <array>

#include "git/browse/read.h"

namespace ashlar::api::page {

namespace {

bool has_at(ByteView content, std::size_t offset, std::string_view magic) {
    return content.size() >= offset + magic.size() &&
           as_text(content.subspan(offset, magic.size())) == magic;
}

bool ends_with(std::string_view name, std::string_view end) {
    return name.size() > end.size() && name.substr(name.size() - end.size()) == end;
}

}  // namespace

std::string_view image_type(std::string_view name, ByteView content) {
    if (has_at(content, 0, "\x89PNG\r\n\x1a\n")) return "image/png";
    if (has_at(content, 0, "\xff\xd8\xff")) return "image/jpeg";
    if (has_at(content, 0, "GIF87a") || has_at(content, 0, "GIF89a")) return "image/gif";
    if (has_at(content, 0, "RIFF") && has_at(content, 8, "WEBP")) return "image/webp";
    if (has_at(content, 4, "ftypavif")) return "image/avif";
    if (ends_with(name, ".ico") && has_at(content, 0, {"\0\0\1\0", 4})) return "image/x-icon";
    if (ends_with(name, ".svg") && !git::browse::looks_binary(content)) return "image/svg+xml";
    return {};
}

std::string_view raw_content_type(std::string_view name, ByteView content) {
    std::string_view image = image_type(name, content);
    if (!image.empty()) return image;
    return git::browse::looks_binary(content) ? "application/octet-stream"
                                              : "text/plain; charset=utf-8";
}

}  // namespace ashlar::api::page
