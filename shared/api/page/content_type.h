// What a browser may be told that a file is. Only images that it can show, by what they contain;
// all else is text or bytes to keep.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace ashlar::api::page {

// "image/png" and the like; empty where the content is no image that browsers show. SVG counts by
// its name, and is served in a sandbox, where its scripts do not run.
std::string_view image_type(std::string_view name, ByteView content);

// Of a raw file: an image, "text/plain; charset=utf-8" or "application/octet-stream".
std::string_view raw_content_type(std::string_view name, ByteView content);

}  // namespace ashlar::api::page
